// SPDX-License-Identifier: Apache-2.0
// What kubectl asks before anything else: the groups, versions and resources there are.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string_view>

namespace trueup::http {

struct Route;

inline constexpr std::string_view api_group = "trueup.dev";

boost::json::object api_group_list();      // GET /apis
boost::json::object api_group_object();    // GET /apis/trueup.dev
// GET /apis/trueup.dev/v1alpha1: each resource and subresource once, with the verbs of its routes.
boost::json::object api_resource_list(std::span<const Route> routes);

}    // namespace trueup::http
