// SPDX-License-Identifier: Apache-2.0
// One situation a line: what happened to the shop, and the whole plan against it.
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {
namespace {

using model::CodeStatus;
using model::ContainerState;
using model::FileChange;

struct Situation {
    const char* name;
    std::function<void(World&)> happens;
    const char* plan;
};

void differs(World& world, std::vector<model::FileDifference> differences) {
    model::CodeState& code = world.container("shop-api-1").code;
    code.status = CodeStatus::stale;
    code.difference_count = differences.size();
    code.differences = std::move(differences);
}

void state(World& world, const std::string& container, ContainerState state, int exit_code = 0) {
    world.container(container).state = state;
    world.container(container).exit_code = exit_code;
    world.container(container).health = model::Health::none;
}

void bind_of_commit(World& world, const char* path, const char* target, const char* content) {
    model::Mount mount;
    mount.kind = model::MountKind::bind;
    mount.source = path;
    mount.target = target;
    mount.read_only = true;
    mount.in_commit = true;
    mount.content_id = content;
    world.service("db").mounts.push_back(mount);
}

const Situation situations[] = {
    {"nothing_happened", [](World&) {}, ""},
    {"a_new_commit_that_changes_nothing_here",
     [](World& world) { world.policy.identity.revision = new_commit; }, ""},
    {"a_container_is_missing", [](World& world) { world.remove_container("shop-db-1"); },
     R"(#1 service db: prepare container shop-db-1, state: missing
[1] -> #2 service db: start container shop-db-1, state: missing
[2] -> #3 service db: settle container shop-db-1, state: missing
)"},
    {"a_container_was_killed",
     [](World& world) { state(world, "shop-db-1", ContainerState::exited, 137); },
     R"(#1 service db: start container shop-db-1, state: exited with code 137
[1] -> #2 service db: settle container shop-db-1, state: exited with code 137
)"},
    {"a_container_was_paused",
     [](World& world) { state(world, "shop-db-1", ContainerState::paused); },
     R"(#1 service db: unpause container shop-db-1, state: paused
[1] -> #2 service db: settle container shop-db-1, state: paused
)"},
    {"a_container_is_dead", [](World& world) { state(world, "shop-db-1", ContainerState::dead); },
     R"(#1 container shop-db-1: remove, state: dead
[1] -> #2 service db: prepare container shop-db-1.next, state: dead
[2] -> #3 service db: start container shop-db-1, state: dead
[3] -> #4 service db: settle container shop-db-1, state: dead
)"},
    {"a_container_restarts_or_is_unhealthy",
     [](World& world) {
         state(world, "shop-db-1", ContainerState::restarting);
         world.container("shop-api-1").health = model::Health::unhealthy;
     },
     ""},
    {"a_one_shot_failed_and_its_dependents_run",
     [](World& world) { state(world, "shop-migrate-1", ContainerState::exited, 1); },
     R"(#1 service migrate: start container shop-migrate-1, state: exited with code 1
[1] -> #2 service migrate: await the end of container shop-migrate-1, state: exited with code 1
)"},
    {"the_image_is_built_from_a_new_commit", [](World& world) { world.new_revision("api"); },
     R"(#1 service api: build image shop-api, revision: commit 9f3c1e2 instead of 1234567
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[2] -> #3 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[3] -> #4 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
)"},
    {"the_recipe_changed_at_the_same_commit",
     [](World& world) { world.service("api").build->recipe_id = "other-arguments"; },
     R"(#1 service api: build image shop-api, revision: what the image is built from changed
[1] -> #2 service api: prepare container shop-api-1.next, revision: what the image is built from changed
[2] -> #3 service api: replace container shop-api-1, revision: what the image is built from changed
[3] -> #4 service api: settle container shop-api-1, revision: what the image is built from changed
)"},
    {"the_image_of_the_new_commit_is_there_unproven",
     [](World& world) {
         world.new_revision("api");
         model::ObservedImage image;
         image.id = "sha256:0123456789abcdef";
         image.recipe_id = world.service("api").build->recipe_id;
         world.observed.images[image.id] = image;
     },
     R"(#1 service api: prove image 0123456789ab, revision: commit 9f3c1e2 instead of 1234567
[1] -> #2 service api: prepare container shop-api-1.next, revision: commit 9f3c1e2 instead of 1234567
[2] -> #3 service api: replace container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
[3] -> #4 service api: settle container shop-api-1, revision: commit 9f3c1e2 instead of 1234567
)"},
    {"the_image_holds_other_code",
     [](World& world) {
         model::CodeState& code =
             world.observed.images.at(world.container("shop-api-1").image_id).code;
         code.status = CodeStatus::stale;
         code.difference_count = 1;
         code.differences = {{"app/main.py", FileChange::modified}};
     },
     R"(#1 service api: build image shop-api without cache, code: in the image, app/main.py differs from 1234567
[1] -> #2 service api: prepare container shop-api-1.next, code: in the image, app/main.py differs from 1234567
[2] -> #3 service api: replace container shop-api-1, code: in the image, app/main.py differs from 1234567
[3] -> #4 service api: settle container shop-api-1, code: in the image, app/main.py differs from 1234567
)"},
    {"a_file_was_edited",
     [](World& world) { differs(world, {{"app/main.py", FileChange::modified}}); },
     R"(#1 service api: prepare container shop-api-1.next, code: app/main.py differs from 1234567
[1] -> #2 service api: replace container shop-api-1, code: app/main.py differs from 1234567
[2] -> #3 service api: settle container shop-api-1, code: app/main.py differs from 1234567
)"},
    {"the_image_holds_other_bytecode",
     [](World& world) {
         model::CodeState& code =
             world.observed.images.at(world.container("shop-api-1").image_id).code;
         code.status = CodeStatus::stale;
         code.bytecode_count = 1;
         code.bytecode = {{"app/__pycache__/x.pyc", "app/x.py", model::BytecodeFault::differs}};
     },
     R"(#1 service api: build image shop-api, bytecode: in the image, app/__pycache__/x.pyc is not what app/x.py of 1234567 compiles to
[1] -> #2 service api: prepare container shop-api-1.next, bytecode: in the image, app/__pycache__/x.pyc is not what app/x.py of 1234567 compiles to
[2] -> #3 service api: replace container shop-api-1, bytecode: in the image, app/__pycache__/x.pyc is not what app/x.py of 1234567 compiles to
[3] -> #4 service api: settle container shop-api-1, bytecode: in the image, app/__pycache__/x.pyc is not what app/x.py of 1234567 compiles to
)"},
    {"bytecode_was_left_in_the_container",
     [](World& world) {
         model::CodeState& code = world.container("shop-api-1").code;
         code.status = CodeStatus::stale;
         code.bytecode_count = 3;
         code.bytecode = {{"/srv/api/old.pyc", "", model::BytecodeFault::sourceless}};
     },
     R"(#1 service api: prepare container shop-api-1.next, bytecode: /srv/api/old.pyc is bytecode without a source in 1234567, and 2 more bytecode files
[1] -> #2 service api: replace container shop-api-1, bytecode: /srv/api/old.pyc is bytecode without a source in 1234567, and 2 more bytecode files
[2] -> #3 service api: settle container shop-api-1, bytecode: /srv/api/old.pyc is bytecode without a source in 1234567, and 2 more bytecode files
)"},
    {"a_file_was_removed",
     [](World& world) { differs(world, {{"app/main.py", FileChange::missing}}); },
     R"(#1 service api: prepare container shop-api-1.next, code: app/main.py of 1234567 is missing
[1] -> #2 service api: replace container shop-api-1, code: app/main.py of 1234567 is missing
[2] -> #3 service api: settle container shop-api-1, code: app/main.py of 1234567 is missing
)"},
    {"a_file_was_added",
     [](World& world) { differs(world, {{"/srv/api/evil.py", FileChange::extra}}); },
     R"(#1 service api: prepare container shop-api-1.next, code: /srv/api/evil.py is not in 1234567
[1] -> #2 service api: replace container shop-api-1, code: /srv/api/evil.py is not in 1234567
[2] -> #3 service api: settle container shop-api-1, code: /srv/api/evil.py is not in 1234567
)"},
    {"several_files_were_edited",
     [](World& world) { differs(world, {{"app/a.py"}, {"app/b.py"}, {"app/c.py"}}); },
     R"(#1 service api: prepare container shop-api-1.next, code: app/a.py and 2 more files differ from 1234567
[1] -> #2 service api: replace container shop-api-1, code: app/a.py and 2 more files differ from 1234567
[2] -> #3 service api: settle container shop-api-1, code: app/a.py and 2 more files differ from 1234567
)"},
    {"the_configuration_changed_and_the_dependency_is_not_ready",
     [](World& world) {
         world.service("api").environment["MODE"] = "fast";
         world.container("shop-db-1").health = model::Health::starting;
     },
     R"(#1 service api: prepare container shop-api-1.next, config: the configuration changed
#2 service db: settle container shop-db-1, state: starting
[1,2] -> #3 service api: replace container shop-api-1, config: the configuration changed
[3] -> #4 service api: settle container shop-api-1, config: the configuration changed
)"},
    {"the_configuration_changed_and_the_dependency_has_no_health_check",
     [](World& world) {
         world.service("api").environment["MODE"] = "fast";
         world.container("shop-db-1").health = model::Health::none;
     },
     R"(#1 service api: prepare container shop-api-1.next, config: the configuration changed
#2 service db: settle container shop-db-1, state: no health check
[1,2] -> #3 service api: replace container shop-api-1, config: the configuration changed
[3] -> #4 service api: settle container shop-api-1, config: the configuration changed
)"},
    {"the_tag_was_pulled_and_has_moved",
     [](World& world) {
         world.observed.image_of_reference["postgres:16"] = "sha256:fedcba9876543210";
     },
     R"(#1 service db: prepare container shop-db-1.next, image: postgres:16 is image fedcba987654, the container runs image-of-pos
[1] -> #2 service db: replace container shop-db-1, image: postgres:16 is image fedcba987654, the container runs image-of-pos
[2] -> #3 service db: settle container shop-db-1, image: postgres:16 is image fedcba987654, the container runs image-of-pos
)"},
    {"the_tag_was_removed", [](World& world) { world.observed.image_of_reference.clear(); }, ""},
    {"another_tag_is_desired", [](World& world) { world.service("db").image = "postgres:17"; },
     R"(#1 service db: pull image postgres:17, config: the configuration changed
[1] -> #2 service db: prepare container shop-db-1.next, config: the configuration changed
[2] -> #3 service db: replace container shop-db-1, config: the configuration changed
[3] -> #4 service db: settle container shop-db-1, config: the configuration changed
)"},
    {"a_service_left", [](World& world) { world.project.services.erase("api"); },
     "#1 container shop-api-1: remove, orphan: service api is not in 1234567\n"},
    {"a_service_left_and_prune_is_off",
     [](World& world) {
         world.project.services.erase("api");
         world.policy.prune = false;
     },
     ""},
    {"a_service_was_renamed",
     [](World& world) {
         auto node = world.project.services.extract("db");
         node.key() = "postgres";
         node.mapped().name = "postgres";
         world.project.services.insert(std::move(node));
         world.service("api").depends_on.clear();
         world.service("migrate").depends_on.clear();
     },
     R"(#1 service postgres: prepare container shop-postgres-1, state: missing
[1] -> #2 container shop-db-1: remove, orphan: service db is not in 1234567
[2] -> #3 service postgres: start container shop-postgres-1, state: missing
[3] -> #4 service postgres: settle container shop-postgres-1, state: missing
)"},
    {"everything_left_with_the_network",
     [](World& world) {
         world.project.services.clear();
         world.project.networks.clear();
     },
     R"(#1 container shop-api-1: remove, orphan: service api is not in 1234567
#2 container shop-db-1: remove, orphan: service db is not in 1234567
#3 container shop-migrate-1: remove, orphan: service migrate is not in 1234567
[1-3] -> #4 network shop_default: remove, orphan: no service of commit 1234567 uses it
)"},
    {"scaled_up", [](World& world) { world.service("db").replicas = 2; },
     R"(#1 service db: prepare container shop-db-2, state: missing
[1] -> #2 service db: start container shop-db-2, state: missing
[2] -> #3 service db: settle container shop-db-2, state: missing
)"},
    {"scaled_to_nothing", [](World& world) { world.service("api").replicas = 0; },
     "#1 container shop-api-1: remove, state: beyond 0 replicas\n"},
    {"the_network_was_made_anew",
     [](World& world) {
         world.observed.networks.front().id = "other";
         world.project.services.erase("api");
         world.project.services.erase("migrate");
         world.remove_container("shop-api-1");
         world.remove_container("shop-migrate-1");
     },
     R"(#1 service db: prepare container shop-db-1.next, runtime: network shop_default was made anew
[1] -> #2 service db: replace container shop-db-1, runtime: network shop_default was made anew
[2] -> #3 service db: settle container shop-db-1, runtime: network shop_default was made anew
)"},
    {"somebody_elses_network_of_that_name_is_used",
     [](World& world) {
         world.observed.networks.front().owned = false;
         world.project.networks.at("default").internal = true;
     },
     ""},
    {"another_network_joins",
     [](World& world) {
         model::Network network;
         network.key = "back";
         network.name = "shop_back";
         world.project.networks["back"] = network;
         world.service("db").networks["back"] = {};
     },
     R"(#1 network shop_back: create, state: missing
[1] -> #2 service db: prepare container shop-db-1.next, config: the configuration changed
[2] -> #3 service db: replace container shop-db-1, config: the configuration changed
[3] -> #4 service db: settle container shop-db-1, config: the configuration changed
)"},
    {"a_dependency_is_replaced_that_restarts_its_dependent",
     [](World& world) {
         world.service("db").environment["MODE"] = "fast";
         world.service("api").depends_on.at("db").restart = true;
     },
     R"(#1 service db: prepare container shop-db-1.next, config: the configuration changed
#2 service api: prepare container shop-api-1.next, state: service db, which it is restarted with, is replaced
[1,2] -> #3 service db: replace container shop-db-1, config: the configuration changed
[3] -> #4 service db: settle container shop-db-1, config: the configuration changed
[4] -> #5 service api: replace container shop-api-1, state: service db, which it is restarted with, is replaced
[5] -> #6 service api: settle container shop-api-1, state: service db, which it is restarted with, is replaced
)"},
    {"the_content_of_a_bound_file_changed",
     [](World& world) {
         bind_of_commit(world, "conf/db.ini", "/etc/db.ini", "one");
         bind_of_commit(world, "conf/hba.ini", "/etc/hba.ini", "same");
         world.converge();
         world.service("db").mounts[world.service("db").mounts.size() - 2].content_id = "two";
     },
     R"(#1 service db: prepare container shop-db-1.next, content: conf/db.ini differs from 1234567
[1] -> #2 service db: replace container shop-db-1, content: conf/db.ini differs from 1234567
[2] -> #3 service db: settle container shop-db-1, content: conf/db.ini differs from 1234567
)"},
    {"the_content_of_a_bound_folder_changed",
     [](World& world) {
         bind_of_commit(world, "conf", "/conf", "one");
         bind_of_commit(world, "more", "/more", "one");
         world.converge();
         for (model::Mount& mount : world.service("db").mounts) mount.content_id = "two";
         world.container("shop-db-1").first_changes = {{"conf", "conf/sub/db.ini"}};
     },
     R"(#1 service db: prepare container shop-db-1.next, content: conf/sub/db.ini and 1 more differ from 1234567
[1] -> #2 service db: replace container shop-db-1, content: conf/sub/db.ini and 1 more differ from 1234567
[2] -> #3 service db: settle container shop-db-1, content: conf/sub/db.ini and 1 more differ from 1234567
)"},
    {"the_content_of_a_bound_file_and_its_place_changed",
     [](World& world) {
         bind_of_commit(world, "conf/db.ini", "/etc/db.ini", "one");
         world.converge();
         world.service("db").mounts.back().content_id = "two";
         world.service("db").environment["MODE"] = "fast";
     },
     R"(#1 service db: prepare container shop-db-1.next, config: the configuration changed
[1] -> #2 service db: replace container shop-db-1, config: the configuration changed
[2] -> #3 service db: settle container shop-db-1, config: the configuration changed
)"},
    {"the_content_of_a_secret_of_the_commit_changed",
     [](World& world) {
         model::FileObject secret;
         secret.origin = model::FileOrigin::commit;
         secret.path = "key.pem";
         secret.content_id = "one";
         world.project.secrets["key"] = secret;
         world.service("db").secrets.push_back({"key", "/run/secrets/key", "", "", std::nullopt});
         world.converge();
         world.project.secrets["key"].content_id = "two";
     },
     R"(#1 service db: prepare container shop-db-1.next, content: key.pem differs from 1234567
[1] -> #2 service db: replace container shop-db-1, content: key.pem differs from 1234567
[2] -> #3 service db: settle container shop-db-1, content: key.pem differs from 1234567
)"},
    {"the_content_of_a_variable_file_and_of_a_written_config_changed",
     [](World& world) {
         world.service("db").variable_files = {{"db.env", "one"}};
         world.service("db").from_variable_files = {"MODE"};
         world.service("db").environment["MODE"] = "one";
         world.project.configs["tuned"].content = "one";
         world.service("db").configs.push_back({"tuned", "/tuned", "", "", std::nullopt});
         world.converge();
         world.service("db").variable_files[0].content_id = "two";
         world.service("db").environment["MODE"] = "two";
         world.project.configs["tuned"].content = "two";
     },
     R"(#1 service db: prepare container shop-db-1.next, content: config tuned and 1 more differ from 1234567
[1] -> #2 service db: replace container shop-db-1, content: config tuned and 1 more differ from 1234567
[2] -> #3 service db: settle container shop-db-1, content: config tuned and 1 more differ from 1234567
)"},
    {"a_service_is_replaced_whose_network_another_one_shares",
     [](World& world) {
         world.service("api").networks.clear();
         world.service("api").namespaces.network = "service:db";
         world.converge();
         world.service("db").environment["MODE"] = "fast";
     },
     R"(#1 service db: prepare container shop-db-1.next, config: the configuration changed
[1] -> #2 service api: prepare container shop-api-1.next, state: service db, whose namespace or volumes it shares, is replaced
[2] -> #3 service db: replace container shop-db-1, config: the configuration changed
[3] -> #4 service db: settle container shop-db-1, config: the configuration changed
[4] -> #5 service api: replace container shop-api-1, state: service db, whose namespace or volumes it shares, is replaced
[5] -> #6 service api: settle container shop-api-1, state: service db, whose namespace or volumes it shares, is replaced
)"},
};

class PlanFor : public ::testing::TestWithParam<Situation> {};

TEST_P(PlanFor, situation) {
    World world = shop();
    GetParam().happens(world);
    EXPECT_EQ(world.text(), GetParam().plan);
}

INSTANTIATE_TEST_SUITE_P(Shop, PlanFor, ::testing::ValuesIn(situations),
                         [](const auto& each) { return std::string(each.param.name); });

}    // namespace
}    // namespace trueup::plan::test
