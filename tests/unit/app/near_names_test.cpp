// SPDX-License-Identifier: Apache-2.0
#include "controller/app/near_names.hpp"

#include <gtest/gtest.h>

namespace trueup::app {
namespace {

TEST(NearNames, AreCloseOrAPart) {
    const model::Strings names{"blog", "shop-api-1", "shop-api-2", "shop-db-1", "shop-web-1"};
    EXPECT_EQ(near_names("shop-apii-1", names), (model::Strings{"shop-api-1"}));
    EXPECT_EQ(near_names("api", names), (model::Strings{"shop-api-1", "shop-api-2"}));
    EXPECT_EQ(near_names("shop", names), (model::Strings{"shop-api-1", "shop-api-2", "shop-db-1"}));
    EXPECT_EQ(near_names("my-blog", names), (model::Strings{"blog"}));
    EXPECT_EQ(near_names("", names), model::Strings());
    EXPECT_EQ(near_names("queue", {}), model::Strings());
}

TEST(NearNames, AreSuggestedWithWhereAllAre) {
    EXPECT_EQ(suggest_names("api", {"shop-api-1", "shop-api-2"}, "docker ps -a"),
              "; did you mean 'shop-api-1', or 'shop-api-2'? `docker ps -a` lists all");
    EXPECT_EQ(suggest_names("queue", {"blog"}, "trueup get"), "; `trueup get` lists all");
}

}    // namespace
}    // namespace trueup::app
