// SPDX-License-Identifier: Apache-2.0
// When the containers of a service start and end, how many there are, and when its image is pulled.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"
#include "controller/compose/limits.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

class LifeDecoder {
public:
    LifeDecoder(const yaml::Node& node, const DecodeContext& context, model::Service& service)
        : fields_(node), context_(context), service_(service) {}

    void run() {
        dependencies();
        healthcheck();
        restart();
        replicas();
        pull_policy();
    }

private:
    void dependencies() {
        fields_.members("depends_on", [&](const yaml::Entry& entry) {
            model::Dependency dependency;
            const Fields fields(entry.value);
            std::string condition;
            fields.text("condition", condition);
            fields.flag("restart", dependency.restart);
            fields.flag("required", dependency.required);
            if (condition == "service_healthy")
                dependency.condition = model::DependencyCondition::healthy;
            if (condition == "service_completed_successfully")
                dependency.condition = model::DependencyCondition::completed_successfully;
            service_.depends_on.emplace(entry.key, dependency);
        });
    }

    void healthcheck() {
        if (fields_.find("healthcheck") == nullptr) return;
        const Fields fields = fields_.inside("healthcheck");
        model::Healthcheck check;
        fields.flag("disable", check.disabled);
        fields.strings("test", check.test);
        fields.duration("interval", check.interval);
        fields.duration("timeout", check.timeout);
        fields.duration("start_period", check.start_period);
        fields.duration("start_interval", check.start_interval);
        if (const auto retries = fields.integer("retries"))
            check.retries = static_cast<int>(std::clamp<std::int64_t>(*retries, 0, 1'000'000));
        const bool command = !check.test.empty() && check.test[0] != "NONE";
        const Path::Step step(context_.reporter.path, "healthcheck.test");
        if (command && check.test.size() == 1)
            context_.reporter.tell(*fields.find("test"), "this health check has no command");
        if (check.test.size() == 1 && check.test[0] == "NONE") check.disabled = true;
        if (check.disabled) check.test = {"NONE"};
        service_.healthcheck = std::move(check);
    }

    void restart() {
        fields_.text("restart", service_.restart.name);
        service_.restart.written = fields_.find("restart") != nullptr;
        const std::size_t colon = service_.restart.name.find(':');
        if (colon == std::string::npos) return;
        const auto count = parse_integer(std::string_view(service_.restart.name).substr(colon + 1));
        service_.restart.max_retries =
            static_cast<int>(std::clamp<std::int64_t>(count.value_or(0), 0, 1'000'000));
        service_.restart.name.erase(colon);
    }

    void replicas() {
        auto count = fields_.inside("deploy").integer("replicas");
        const yaml::Node* node = fields_.inside("deploy").find("replicas");
        if (const auto scale = fields_.integer("scale")) {
            count = scale;
            node = fields_.find("scale");
        }
        if (!count) return;
        const Path::Step step(context_.reporter.path,
                              node == fields_.find("scale") ? "scale" : "deploy.replicas");
        if (*count < 0 || *count > Limits::replicas)
            context_.reporter.tell(
                *node, fmt::format("{} is out of range: 0 to {}", *count, Limits::replicas));
        else
            service_.replicas = static_cast<int>(*count);
    }

    void pull_policy() {
        fields_.text("pull_policy", service_.pull_policy);
        const std::string& policy = service_.pull_policy;
        constexpr std::chrono::hours day{24};
        constexpr std::string_view every = "every_";
        if (policy == "daily") service_.pull_every = day;
        if (policy == "weekly") service_.pull_every = 7 * day;
        if (policy.starts_with(every))
            pull_every("pull_policy",
                       parse_duration(std::string_view(policy).substr(every.size())));
        const yaml::Node* after = fields_.find("pull_refresh_after");
        if (policy == "refresh" && after != nullptr)
            pull_every("pull_refresh_after", parse_duration(after->text));
        else if (policy == "refresh")
            tell("pull_policy", "pull_policy refresh does not say how often",
                 "add pull_refresh_after, or write every_<duration>");
        else if (after != nullptr)
            tell("pull_refresh_after", "pull_refresh_after is of pull_policy refresh",
                 "write pull_policy: refresh, or every_<duration> alone");
    }

    void pull_every(std::string_view key, std::optional<model::Duration> time) {
        if (time && *time > model::Duration(0))
            service_.pull_every = time;
        else
            tell(key, fmt::format("'{}' is no time between two pulls", fields_.find(key)->text),
                 "a duration such as 12h or 3d");
    }

    void tell(std::string_view key, std::string_view message, std::string advice) {
        const Path::Step step(context_.reporter.path, key);
        context_.reporter.tell(*fields_.find(key), message, std::move(advice));
    }

    Fields fields_;
    const DecodeContext& context_;
    model::Service& service_;
};

}    // namespace

void decode_life(const yaml::Node& service, const DecodeContext& context, model::Service& result) {
    LifeDecoder(service, context, result).run();
}

}    // namespace trueup::compose
