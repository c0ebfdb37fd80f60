// SPDX-License-Identifier: Apache-2.0
// The desired-state source as an object of the API. It is not one of Kubernetes' usual kinds: it is
// there because a file that cannot be read has no Stack to carry its error.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::http {

inline constexpr std::string_view source_name = "desired-state";    // there is one

// {apiVersion, kind: Source, metadata, spec: {location}, status: {readable, revision, error,
//  lastReadTime, stacks, invalidFiles: [{file, since, message, problems: [{line, column, message, advice}]}]}}
boost::json::object source_to_json(const reconcile::SourceStatus& source, std::size_t stacks);
boost::json::object source_list_to_json(const reconcile::SourceStatus& source, std::size_t stacks,
                                        std::uint64_t resource_version);

}    // namespace trueup::http
