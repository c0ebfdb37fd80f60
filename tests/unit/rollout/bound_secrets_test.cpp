// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/bound_secrets.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>

#include "tests/support/temp_directory.hpp"
#include "tests/unit/rollout/memory_tree.hpp"

namespace trueup::rollout::test {
namespace {

TEST(BoundSecrets, AreReadFromTheCommitAndFromThisHost) {
    support::TempDirectory directory;
    std::ofstream(directory / "token") << "of the host";
    MemoryTree tree;
    tree.nodes["secrets/token"].content = "of the commit";
    model::Project project;
    model::Service service;
    const auto add = [&](const std::string& name, model::FileOrigin origin, std::string path) {
        project.secrets[name].origin = origin;
        project.secrets[name].path = std::move(path);
        model::FileReference reference;
        reference.source = name;
        service.secrets.push_back(std::move(reference));
    };
    add("commit", model::FileOrigin::commit, "secrets/token");
    add("host", model::FileOrigin::host, directory / "token");
    add("gone", model::FileOrigin::host, directory / "gone");
    add("folder", model::FileOrigin::host, directory.path());
    add("variable", model::FileOrigin::environment, "");
    EXPECT_EQ(bound_secrets(project, service, tree),
              (model::Strings{"of the commit", "of the host"}));
    project.secrets.clear();
    EXPECT_EQ(bound_secrets(project, service, tree), model::Strings());
}

}    // namespace
}    // namespace trueup::rollout::test
