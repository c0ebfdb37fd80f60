// SPDX-License-Identifier: Apache-2.0
// Which volumes may be removed at all, and what is said of them before.
#include "api/cli/volumes.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace trueup::cli {
namespace {

namespace json = boost::json;

RemoveVolumesChoice of_stack(const std::string& stack, const std::string& project = "") {
    RemoveVolumesChoice choice;
    choice.names = {"shop_data"};
    choice.stack = stack;
    choice.project = project;
    return choice;
}

VolumeFacts facts(const std::string& labels, const std::string& containers,
                  const RemoveVolumesChoice& choice = of_stack("shop")) {
    const json::value volume = json::parse(
        R"({"Name":"shop_data","CreatedAt":"2026-11-24T10:00:00Z","Labels":)" + labels + "}");
    const json::value usage =
        json::parse(R"({"Volumes":[{"Name":"other","UsageData":{"Size":1}},)"
                    R"({"Name":"shop_data","UsageData":{"Size":1288490189,"RefCount":1}}]})");
    const auto made = volume_facts(volume, json::parse(containers), &usage, choice);
    EXPECT_TRUE(made);
    return made ? *made : VolumeFacts();
}

std::string refusal(const VolumeFacts& its, const RemoveVolumesChoice& choice = of_stack("shop")) {
    const auto error = refuse_removal(its, choice);
    return error ? error->message() : "";
}

const std::string compose = R"({"com.docker.compose.project":"shop"})";
const std::string ours = R"({"dev.trueup.stack":"shop","com.docker.compose.project":"shop-data"})";

TEST(Volumes, OurOwnAndComposesMayGo) {
    EXPECT_EQ(refusal(facts(compose, "[]")), "");
    EXPECT_EQ(refusal(facts(ours, "[]")), "");
    EXPECT_EQ(facts_text(facts(ours, "[]")),
              "shop_data   1.2 GiB   of shop, made 2026-11-24T10:00:00Z, used by nobody");
}

TEST(Volumes, WhatNobodyOfUsMadeStays) {
    for (const std::string labels : {"null", "{}", R"({"backup":"yes"})"}) {
        EXPECT_EQ(refusal(facts(labels, "[]")),
                  "volume shop_data: neither trueup nor compose made it, its labels say; remove it "
                  "with docker volume rm if it is yours");
    }
}

TEST(Volumes, AnotherStacksVolumeStays) {
    const auto blog = of_stack("blog");
    EXPECT_EQ(refusal(facts(compose, "[]", blog), blog),
              "volume shop_data: it belongs to compose project shop, which is not known to be that "
              "of stack blog: say --project shop if it is, or else --stack shop");
    EXPECT_EQ(refusal(facts(ours, "[]", blog), blog),
              "volume shop_data: it belongs to stack shop, not to blog: say --stack shop if it is "
              "meant");
    const auto same_project = of_stack("blog", "shop-data");
    EXPECT_NE(refusal(facts(ours, "[]", same_project), same_project), "")
        << "our label goes before the project's name";
    const auto by_project = of_stack("shop-production", "shop");
    EXPECT_EQ(refusal(facts(compose, "[]", by_project), by_project), "");
    const auto not_given = of_stack("shop-production");
    EXPECT_NE(refusal(facts(compose, "[]", not_given), not_given), "");
}

TEST(Volumes, WhatIsInUseStays) {
    const std::string containers =
        R"([{"Id":"1","Names":["/shop-api-1"],"State":"exited","Mounts":[)"
        R"({"Type":"bind","Source":"/srv","Name":""},{"Type":"volume","Name":"shop_data"}]},)"
        R"({"Id":"0123456789abcdef","Names":[],"Mounts":[{"Type":"volume","Name":"shop_data"}]},)"
        R"({"Id":"3","Names":["/other"],"Mounts":[{"Type":"volume","Name":"other"}]}])";
    const VolumeFacts used = facts(compose, containers);
    EXPECT_EQ(used.used_by, (std::vector<std::string>{"shop-api-1", "0123456789ab"}));
    EXPECT_EQ(refusal(used),
              "volume shop_data: it is in use by shop-api-1, 0123456789ab. If that may go too:\n"
              "  trueup suspend shop    # where a controller would bring the container back\n"
              "  docker rm -f shop-api-1 0123456789ab    # on this engine\n"
              "  trueup volumes remove shop_data --stack shop --yes\n"
              "  trueup resume shop    # it starts anew without the data, perhaps after `trueup "
              "confirm shop`");
}

TEST(Volumes, TheCommandSaysWhatElseWasSaid) {
    RemoveVolumesChoice choice = of_stack("shop-test", "shop");
    choice.engine = "near";
    choice.config_file = "/srv/config.yaml";
    EXPECT_EQ(command_text("shop_data", choice),
              "trueup volumes remove shop_data --stack shop-test --project shop --engine near "
              "--config /srv/config.yaml --yes");
}

TEST(Volumes, ANameThatNoneHasIsToldWithThoseThatAreMeant) {
    const json::value volumes = json::parse(
        R"({"Volumes":[{"Name":"blog_data","Labels":{"com.docker.compose.project":"blog"}},)"
        R"({"Name":"cache","Labels":null},)"
        R"({"Name":"shop_data","Labels":{"com.docker.compose.project":"shop"}},)"
        R"({"Name":"rows","Labels":{"dev.trueup.stack":"shop"}}]})");
    EXPECT_EQ(missing_volume("data", volumes, of_stack("shop")).message(),
              "there is no volume 'data' on this engine (--engine names another); those of stack "
              "shop: shop_data, rows");
    EXPECT_EQ(missing_volume("data", volumes, of_stack("shop-test", "shop")).message(),
              "there is no volume 'data' on this engine (--engine names another); those of stack "
              "shop-test: shop_data");
    EXPECT_EQ(missing_volume("cach", volumes, of_stack("wiki")).message(),
              "there is no volume 'cach' on this engine (--engine names another); did you mean "
              "'cache'? `docker volume ls` "
              "lists all");
    EXPECT_EQ(missing_volume("x", json::parse("7"), of_stack("wiki")).message(),
              "there is no volume 'x' on this engine (--engine names another); `docker volume ls` "
              "lists all");
}

TEST(Volumes, SizesForPeople) {
    EXPECT_EQ(size_text(std::nullopt), "size not known");
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1536), "1.5 KiB");
    EXPECT_EQ(size_text(5LL << 40), "5.0 TiB");
    EXPECT_EQ(size_text(5000LL << 40), "5000.0 TiB");
}

TEST(Volumes, SizeIsLeftOutWhereItIsNotKnown) {
    const json::value volume = json::parse(R"({"Name":"shop_data","Labels":null})");
    for (const std::string text :
         {"{}", "7", R"({"Volumes":null})",
          R"({"Volumes":[{"Name":"shop_data","UsageData":{"Size":-1}}]})"}) {
        const json::value usage = json::parse(text);
        const auto made = volume_facts(volume, json::array(), &usage, of_stack("shop"));
        ASSERT_TRUE(made) << text;
        EXPECT_EQ(made->size, std::nullopt) << text;
    }
    const auto made = volume_facts(volume, json::array(), nullptr, of_stack("shop"));
    EXPECT_EQ(facts_text(*made),
              "shop_data   size not known   of nobody we know, made at an unknown time, used by "
              "nobody");
}

TEST(Volumes, WhatIsNoEngineIsRefused) {
    EXPECT_FALSE(volume_facts(json::array(), json::array(), nullptr, of_stack("shop")));
    EXPECT_FALSE(volume_facts(json::object(), json::object(), nullptr, of_stack("shop")));
}

}    // namespace
}    // namespace trueup::cli
