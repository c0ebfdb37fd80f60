// SPDX-License-Identifier: Apache-2.0
// /healthz and /readyz as the API server of Kubernetes has them: checks with names, each of which can
// be asked for alone or left out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/http/message.hpp"
#include "controller/base/result.hpp"

namespace trueup::http {

struct HealthCheck {
    std::string name;    // of a path: a-z and "-"
    std::function<Result<void>()> ask;
};

struct Health {
    std::vector<HealthCheck> live;     // the loop turns
    std::vector<HealthCheck> ready;    // it can do its work, and remember it
};

// Below "/healthz" (live) and "/readyz" (ready), plain text:
//   /readyz                 200 "ok"; 503 when a check fails, with a line for each and what is wrong
//   /readyz?verbose         the lines whatever they say: "[+]store ok", "[-]store failed: …"
//   /readyz?exclude=NAME    without that check
//   /readyz/NAME            only that check
// Nothing for a path that is none of these.
std::optional<Response> route_health(const std::string& target, const Health& health);

}    // namespace trueup::http
