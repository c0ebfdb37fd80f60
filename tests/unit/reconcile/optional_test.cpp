// SPDX-License-Identifier: Apache-2.0
// What no service requires (`depends_on: {cache: {required: false}}`) holds nobody up when it fails.
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

class OptionalDependency : public testing::Test {
protected:
    OptionalDependency() {
        trueup::test::FakeImage sick{"", {"sick:1"}, {}, {{"/bin/cache", "cache"}}, {}};
        sick.behaviour.stays_unhealthy = true;
        world.engine.add_image(std::move(sick));
        trueup::test::FakeImage broken{"", {"broken:1"}, {}, {{"/bin/seed", "seed"}}, {}};
        broken.behaviour.exits = 1;
        world.engine.add_image(std::move(broken));
    }

    // An api that would rather start after `cache` and `seed`.
    Entry stack(const std::string& mode, const std::string& required = "false") {
        const std::string compose =
            "services:\n"
            "  api:\n"
            "    image: base:1\n"
            "    environment: {MODE: " +
            mode +
            "}\n"
            "    depends_on:\n"
            "      cache: {condition: service_healthy, required: " +
            required +
            "}\n"
            "      seed: {condition: service_completed_successfully, required: false}\n"
            "  cache:\n"
            "    image: sick:1\n"
            "    restart: always\n"
            "    healthcheck: {test: [CMD, ready], interval: 1ms, timeout: 1ms, retries: 1}\n"
            "  seed: {image: broken:1}\n";
        return world.entry(world.repository.commit_files({{"compose.yaml", compose}}, mode));
    }
    std::string mode_of_api() {
        const auto* api = world.engine.find("shop-api-1");
        if (api == nullptr || api->state != model::ContainerState::running) return "none";
        return std::string(api->body.at("Env").as_array().front().as_string());
    }

    LoopWorld world;
};

TEST_F(OptionalDependency, that_fails_with_the_rollout_is_an_error_and_the_rest_starts) {
    auto process = world.start();
    const auto findings = process->reconcile(stack("one"));
    EXPECT_TRUE(findings.error);
    EXPECT_EQ(mode_of_api(), "MODE=one");
}

TEST_F(OptionalDependency, that_is_unhealthy_already_fails_no_rollout_of_others) {
    auto process = world.start();
    process->reconcile(stack("one"));
    auto findings = process->reconcile(stack("two"));
    EXPECT_EQ(mode_of_api(), "MODE=two");
    EXPECT_EQ(plan::to_text(findings.remaining).find("api"), std::string::npos);
}

TEST_F(OptionalDependency, that_is_required_holds_its_dependents_up) {
    auto process = world.start();
    const auto findings = process->reconcile(stack("one", "true"));
    EXPECT_TRUE(findings.error);
    EXPECT_EQ(mode_of_api(), "none");
}

}    // namespace
}    // namespace trueup::reconcile
