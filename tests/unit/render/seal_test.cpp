// SPDX-License-Identifier: Apache-2.0
#include "controller/render/seal.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "tests/unit/render/rich_project.hpp"

namespace trueup::render::test {
namespace {

StackIdentity with_key() {
    StackIdentity with = identity();
    with.key = "of the tests";
    return with;
}

std::string seal_in(const boost::json::object& body) {
    const auto* seal = body.at("Labels").as_object().if_contains("dev.trueup.seal");
    return seal == nullptr ? std::string() : std::string(seal->as_string());
}

TEST(RenderSeal, everything_that_is_created_is_sealed) {
    const model::Project project = rich_project();
    const std::set<std::string> seals = {
        seal_in(container_body(project, project.services.at("api"), 1, with_key(),
                               created_from("sha256:abc"))),
        seal_in(container_body(project, project.services.at("api"), 2, with_key(),
                               created_from("sha256:abc"))),
        seal_in(network_body(project, project.networks.begin()->second, with_key())),
        seal_in(volume_body(project, project.volumes.at("data"), with_key()))};
    EXPECT_EQ(seals.size(), 4U);
    for (const std::string& seal : seals) EXPECT_EQ(seal.size(), 64U);
}

TEST(RenderSeal, a_container_tells_the_name_that_it_was_made_for) {
    const model::Project project = rich_project();
    const auto body = container_body(project, project.services.at("api"), 2, with_key(),
                                     created_from("sha256:abc"));
    EXPECT_EQ(body.at("Labels").at("dev.trueup.name"), "shop-api-2");
}

TEST(RenderSeal, no_key_no_seal) {
    const model::Project project = rich_project();
    EXPECT_EQ(seal_in(container_body(project, project.services.at("api"), 1, identity(),
                                     created_from("sha256:abc"))),
              "");
}

TEST(RenderSeal, the_key_is_in_nothing_that_is_sent) {
    const model::Project project = rich_project();
    const auto body = container_body(project, project.services.at("api"), 1, with_key(),
                                     created_from("sha256:abc"));
    EXPECT_EQ(boost::json::serialize(body).find("of the tests"), std::string::npos);
}

TEST(RenderSeal, parts_cannot_be_moved_into_each_other) {
    SealedContainer one;
    one.project = "shop";
    one.service = "api1";
    one.number = 1;
    SealedContainer other;
    other.project = "shop";
    other.service = "api";
    other.number = 11;
    EXPECT_NE(seal(with_key(), one), seal(with_key(), other));
    other = one;
    other.name = "shop-api1-1";
    EXPECT_NE(seal(with_key(), one), seal(with_key(), other));
    const SealedResource network{"network", "shop", "a", "b", "c"};
    const SealedResource volume{"volume", "shop", "a", "b", "c"};
    EXPECT_NE(seal(with_key(), network), seal(with_key(), volume));
}

}    // namespace
}    // namespace trueup::render::test
