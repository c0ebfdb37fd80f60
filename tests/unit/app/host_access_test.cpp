// SPDX-License-Identifier: Apache-2.0
#include "controller/app/host_access.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "api/v1alpha1/configuration.hpp"
#include "controller/source/host_files.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::app {
namespace {

namespace fs = std::filesystem;

using Paths = std::vector<std::string>;

class HostAccessTest : public testing::Test {
protected:
    HostAccessTest() {
        support::write_file(path("shop/.env"), "A=hunter2\n");
        support::write_file(path("shop/deploy/.env"), "A=hunter2\n");
        support::write_file(path("secrets/shop.env"), "A=hunter2\n");
        fs::create_directories(path("shop/deploy/uploads"));
    }
    std::string path(const std::string& name) const { return directory_ / name; }
    HostNeed file(const std::string& name) const { return {path(name), "variables", false}; }
    HostNeed folder(const std::string& name) const { return {path(name), "bound", true}; }

    support::TempDirectory directory_;
};

TEST_F(HostAccessTest, LacksNothingWhereARootAllowsIt) {
    const HostAccess lacking =
        lacking_access({file("shop/.env"), folder("shop/deploy")}, {path("shop")});
    EXPECT_EQ(lacking, HostAccess());
    EXPECT_EQ(to_text(lacking, {path("shop")}, "/etc/trueup/config.yaml", true), "");
}

TEST_F(HostAccessTest, TheOutermostFoldersAreEnough) {
    const HostAccess lacking = lacking_access(
        {file("shop/deploy/.env"), folder("shop"), file("secrets/shop.env")}, {path("other")});
    EXPECT_EQ(lacking.needs.size(), 3U);
    EXPECT_EQ(lacking.roots, (Paths{path("secrets"), path("shop")}));
    // A file is allowed by the folder it lies in, and by nothing above it.
    EXPECT_EQ(lacking_access({file("shop/deploy/.env")}, {}).roots, Paths{path("shop/deploy")});
}

TEST_F(HostAccessTest, WhereALinkLeadsIsAllowedToo) {
    fs::remove(path("shop/.env"));
    fs::create_symlink(path("secrets/shop.env"), path("shop/.env"));
    const HostAccess lacking = lacking_access({file("shop/.env")}, {path("shop")});
    EXPECT_EQ(lacking.needs, std::vector<HostNeed>{file("shop/.env")});
    EXPECT_EQ(lacking.roots, (Paths{path("secrets"), path("shop")}));
    EXPECT_TRUE(source::HostFiles(lacking.roots).read(path("shop/.env")));
}

TEST_F(HostAccessTest, AFolderThatIsItselfALinkAllowsWhatLiesInIt) {
    fs::create_directory_symlink(path("shop"), path("current"));
    const HostAccess lacking = lacking_access({file("current/.env")}, {});
    EXPECT_EQ(lacking.roots, Paths{path("current")});
    EXPECT_TRUE(source::HostFiles(lacking.roots).read(path("current/.env")));
}

TEST(HostAccessText, SaysWhatToWriteIntoWhichFile) {
    const HostAccess lacking{
        {{"/srv/shop/.env", "variables", false}, {"/srv/shop/up", "bound by service web", true}},
        {"/srv/shop"}};
    const std::string file = "/etc/trueup/config.yaml";
    EXPECT_EQ(to_text(lacking, {}, file, true),
              R"(it needs of this host what the controller's configuration does not allow:
  /srv/shop/.env (variables)
  /srv/shop/up (bound by service web)
Add these lines to /etc/trueup/config.yaml, and ask again (a controller that runs reads them when it starts anew):

hostRoots:
  - /srv/shop
)");
    EXPECT_NE(to_text(lacking, {"/etc/shop"}, file, true)
                  .find("Put this in place of hostRoots in /etc/trueup/config.yaml, and ask again"),
              std::string::npos);
    EXPECT_NE(to_text(lacking, {"/etc/shop"}, file, true)
                  .find("hostRoots:\n  - /etc/shop\n  - /srv/shop\n"),
              std::string::npos);
}

// As it stands in the message, a configuration is valid and allows what was asked for.
TEST(HostAccessText, IsAConfigurationWhereThereIsNone) {
    const std::string odd = "/srv/shop: \"old\" # 1";
    const HostAccess lacking{{{odd + "/.env", "variables", false}}, {odd}};
    const std::string text = to_text(lacking, {}, "c.yaml", false);
    EXPECT_NE(text.find("Write c.yaml with these lines"), std::string::npos) << text;
    const auto read = v1alpha1::parse_configuration(text.substr(text.find("apiVersion")), "c.yaml");
    ASSERT_TRUE(read) << read.error().message();
    ASSERT_EQ(read->host_roots.size(), 1U);
    EXPECT_EQ(read->host_roots.front().path, odd);
}

}    // namespace
}    // namespace trueup::app
