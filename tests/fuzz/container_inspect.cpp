// SPDX-License-Identifier: Apache-2.0
// The comparison of a container that another tool made: whatever the engine tells of it, the answer is
// a sorted list of names without repetition.
#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/render/compare.hpp"

namespace {

namespace json = boost::json;

trueup::render::WantedContainer wanted() {
    trueup::model::Project project;
    project.name = "shop";
    project.networks["default"].name = "shop_default";
    trueup::model::Service service;
    service.name = "api";
    service.environment["A"] = "1";
    service.ports.push_back({"", "80", 80, "tcp", "", "", ""});
    service.networks["default"] = {};
    project.services["api"] = service;
    trueup::render::WantedContainer made;
    trueup::render::Creation creation;
    creation.image_id = "sha256:abc";
    made.body = trueup::render::container_body(project, service, 1, {}, creation);
    made.name = "shop-api-1";
    return made;
}

}    // namespace

// {"inspect": …, "image": …}
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const trueup::render::WantedContainer container = wanted();
    boost::system::error_code code;
    const json::value value =
        json::parse(json::string_view(reinterpret_cast<const char*>(data), size), code);
    const json::object* both = code ? nullptr : value.if_object();
    if (both == nullptr) return 0;
    const auto part = [&](std::string_view key) {
        const json::value* found = both->if_contains(key);
        return found != nullptr && found->is_object() ? found->get_object() : json::object();
    };
    const auto names = trueup::render::differences(container, part("inspect"), part("image"));
    if (!std::is_sorted(names.begin(), names.end())) std::abort();
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) std::abort();
    return 0;
}
