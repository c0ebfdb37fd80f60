// SPDX-License-Identifier: Apache-2.0
#include "api/http/health.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/http/answers.hpp"
#include "api/http/target.hpp"

namespace trueup::http {
namespace {

Response ask_all(const std::string& path, const std::vector<HealthCheck>& checks,
                 const Target& target) {
    const std::string* left_out = target.find("exclude");
    bool healthy = true;
    std::string lines;
    for (const HealthCheck& check : checks) {
        if (left_out != nullptr && *left_out == check.name) {
            lines += fmt::format("[+]{} excluded: ok\n", check.name);
            continue;
        }
        const auto answer = check.ask();
        healthy = healthy && answer;
        lines += answer ? fmt::format("[+]{} ok\n", check.name)
                        : fmt::format("[-]{} failed: {}\n", check.name, answer.error().message());
    }
    if (healthy && target.find("verbose") == nullptr) return to_plain(200, "ok");
    return to_plain(healthy ? 200 : 503,
                    fmt::format("{}{} check {}", lines, path, healthy ? "passed" : "failed"));
}

}    // namespace

std::optional<Response> route_health(const std::string& target, const Health& health) {
    const auto parsed = parse_target(target);
    if (!parsed || parsed->path.empty() || parsed->path.size() > 2) return std::nullopt;
    const std::string& path = parsed->path.front();
    if (path != "healthz" && path != "readyz") return std::nullopt;
    const std::vector<HealthCheck>& checks = path == "healthz" ? health.live : health.ready;
    if (parsed->path.size() == 1) return ask_all(path, checks, *parsed);
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const HealthCheck& check) {
        return check.name == parsed->path.back();
    });
    if (found == checks.end()) return std::nullopt;
    const auto answer = found->ask();
    return answer ? to_plain(200, "ok") : to_plain(503, answer.error().message());
}

}    // namespace trueup::http
