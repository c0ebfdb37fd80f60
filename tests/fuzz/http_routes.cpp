// SPDX-License-Identifier: Apache-2.0
// Requests to both listeners: whatever is asked gets a whole answer with a status we know, and what
// the API says is JSON. Input: method, target and host, one a line.
#include <array>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/http/endpoint.hpp"
#include "api/http/routes.hpp"
#include "controller/base/text.hpp"

namespace {

using namespace trueup;

const reconcile::Registry& registry() {
    static reconcile::Registry filled(base::machine_clock());
    if (filled.names().empty()) {
        source::DesiredSnapshot snapshot;
        source::DesiredFile file;
        file.name = "shop.yaml";
        file.content =
            "apiVersion: trueup.dev/v1alpha1\n"
            "kind: Stack\n"
            "metadata: {name: shop}\n"
            "spec: {environment: test, source: {git: {url: https://git.example.com/shop.git, "
            "branch: main}}}\n";
        snapshot.files.push_back(file);
        filled.apply(snapshot);
    }
    return filled;
}

bool is_known(unsigned status) {
    constexpr std::array known{200U, 400U, 403U, 404U, 405U, 414U};
    for (const unsigned code : known) {
        if (code == status) return true;
    }
    return false;
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto lines = base::split(text, '\n');
    http::Request request;
    request.method = std::string(lines[0]);
    if (lines.size() > 1) request.target = std::string(lines[1]);
    if (lines.size() > 2) request.host = std::string(lines[2]);
    const http::Response answer = http::route_api(request, registry());
    boost::system::error_code code;
    boost::json::parse(answer.body, code);
    if (code || !is_known(answer.status) || answer.content_type != "application/json") std::abort();
    if (answer.status == 200 && !http::is_loopback_host(request.host)) std::abort();

    http::Health health;
    health.live = health.ready = [] { return Result<void>(); };
    const http::Response plain = http::route_metrics(request, health);
    if (!is_known(plain.status) || plain.content_type.empty()) std::abort();

    const auto endpoint = http::parse_loopback_endpoint(text);
    if (endpoint && !http::is_loopback_host(http::to_string(*endpoint))) std::abort();
    return 0;
}
