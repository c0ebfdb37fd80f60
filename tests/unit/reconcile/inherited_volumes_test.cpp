// SPDX-License-Identifier: Apache-2.0
// Volumes without a name, where code is: what is data goes on, what hides the commit does not.
#include <boost/json.hpp>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

const std::string uploads(64, 'a');
const std::string old_code(64, 'b');

std::string commit(LoopWorld& world, const std::string& step) {
    return world.repository.commit_files(
        {{"Dockerfile", "FROM base:1\nWORKDIR /srv\nCOPY app app\n"},
         {"app/main.py", "print(1)\n"},
         {"compose.yaml", "services:\n  api:\n    build: .\n    environment: {STEP: '" + step +
                              "'}\n    volumes: [/srv/app/uploads, /srv/app]\n"}},
        "change");
}

TEST(InheritedVolumes, AFolderForDataAmongTheCodeIsTakenOverAndOneOverTheCodeIsNot) {
    LoopWorld world;
    auto process = world.start();
    const Findings first = process->reconcile(world.entry(commit(world, "1")));
    ASSERT_FALSE(first.error) << first.error->message();
    auto& container = *world.engine.find("shop-api-1");
    const std::string id = container.id;
    container.mounts["/srv/app/uploads"] = {model::MountedKind::volume, uploads, true};
    container.mounts["/srv/app"] = {model::MountedKind::volume, old_code, true};
    const Findings second = process->reconcile(world.entry(commit(world, "2")));
    ASSERT_FALSE(second.error) << second.error->message();
    const auto& replaced = *world.engine.find("shop-api-1");
    ASSERT_NE(replaced.id, id);
    const auto* binds = replaced.body.at("HostConfig").as_object().if_contains("Binds");
    ASSERT_NE(binds, nullptr);
    EXPECT_EQ(boost::json::serialize(*binds), "[\"" + uploads + ":/srv/app/uploads:rw\"]");
}

}    // namespace
}    // namespace trueup::reconcile
