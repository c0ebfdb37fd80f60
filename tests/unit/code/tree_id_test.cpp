// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controller/code/tree_id.hpp"
#include "tests/unit/code/service.hpp"

namespace trueup::code {
namespace {

using Ids = std::map<std::string, std::string>;

// `git rev-parse HEAD:app HEAD:app/lib` of this very commit.
const std::string id_of_app = "19e538a665a5c75c6894184b3a8a48ab031d7759";
const std::string id_of_lib = "62856f2864e88b432d81c37be609210c9e8ab925";

test::MemoryTree commit() {
    test::MemoryTree tree{{"Dockerfile", "FROM a\nCOPY app /srv\nCOPY app/run.sh /bin/\n"},
                          {"app/main.py", "1"},
                          {"app/lib/util.py", "2"},
                          {"app/lib.txt", "x"}};
    tree.add("app/run.sh", "#!", model::EntryKind::executable);
    tree.add("app/current", "main.py", model::EntryKind::symlink);
    return tree;
}

Ids ids(const std::vector<model::CodeMapping>& mappings) {
    const auto code = expect(model::Service(), mappings, commit());
    EXPECT_TRUE(code) << code.error().message();
    return code ? code->ids : Ids();
}

TEST(TreeId, IsTheCommitsWhereNothingIsLeftOut) {
    EXPECT_EQ(ids({{"app", "/srv", {}}}), (Ids{{"/srv", id_of_app}}));
    EXPECT_EQ(ids({{"app/lib", "/opt/lib", {}}, {"app/main.py", "/opt/main.py", {}}}),
              (Ids{{"/opt/lib", id_of_lib}, {"/opt/main.py", base::git_blob_id("1")}}));
}

TEST(TreeId, IsOfWhatIsComparedWhereSomethingIsLeftOut) {
    const Ids all = ids({{"app", "/srv", {"lib.txt"}}});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_NE(all.at("/srv"), id_of_app);
    EXPECT_EQ(ids({{"app", "/srv", {"*.txt"}}}), all);
}

TEST(TreeId, IsToldOfWhatADockerfileCopies) {
    const auto code = find_code(project_of(building_service()), commit(), {});
    ASSERT_TRUE(code) << code.error().message();
    EXPECT_EQ(code->at("api").expected->ids,
              (Ids{{"/bin/run.sh", base::git_blob_id("#!")}, {"/srv", id_of_app}}));
}

TEST(TreeId, LeavesOutWhatTheBuildChanged) {
    ExpectedCode code;
    code.directories = {"/srv"};
    for (const char* name : {"a.py", "b/c.py"}) {
        ExpectedFile file;
        file.object_id = base::git_blob_id(name);
        file.changeable = true;
        code.files[std::string("/srv/") + name] = file;
    }
    const Ids both = ids_of_directories(code);
    const Ids one = ids_of_directories(code, {"/srv/b/c.py"});
    EXPECT_NE(one, both);
    code.files.erase("/srv/b/c.py");
    EXPECT_EQ(ids_of_directories(code), one);
    code.files.clear();
    EXPECT_EQ(ids_of_directories(code), Ids());
}

}    // namespace
}    // namespace trueup::code
