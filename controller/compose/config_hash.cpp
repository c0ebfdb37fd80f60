// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/config_hash.hpp"

#include <boost/json.hpp>

#include "controller/base/digest.hpp"
#include "controller/compose/go_json.hpp"
#include "controller/compose/print.hpp"

namespace trueup::compose {

std::string compose_config_hash(const yaml::Node& service) {
    boost::json::object printed = service_to_json(service, PrintStyle::hash);
    // erase() alone would move the last member into the gap.
    const auto drop = [](boost::json::object& object, const char* key) {
        const auto found = object.find(key);
        if (found != object.end()) object.stable_erase(found);
    };
    for (const char* key : {"build", "pull_policy", "scale"}) drop(printed, key);
    boost::json::value* deploy = printed.if_contains("deploy");
    if (deploy != nullptr && deploy->is_object()) drop(deploy->get_object(), "replicas");
    return base::sha256_hex(to_go_json(printed));
}

}    // namespace trueup::compose
