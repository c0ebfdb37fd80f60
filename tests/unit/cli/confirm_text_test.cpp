// SPDX-License-Identifier: Apache-2.0
#include "api/cli/confirm_text.hpp"

#include <gtest/gtest.h>

namespace trueup::cli {
namespace {

TEST(HowToConfirm, AnApplySaysYesByTheToken) {
    const v1alpha1::ConfirmationStatus asked{"0123456789abcdef0123", "not used"};
    EXPECT_EQ(how_to_confirm("a volume goes. `trueup confirm shop` lets exactly this through",
                             asked, "shop", "shop.yaml"),
              "a volume goes. `trueup apply -f shop.yaml --confirm 0123456789ab` lets exactly this "
              "through");
    EXPECT_EQ(how_to_confirm("held", asked, "shop", "shop.yaml"),
              "held; `trueup apply -f shop.yaml --confirm 0123456789ab` says yes to it");
    const v1alpha1::ConfirmationStatus guard{"guard-0123456789abcdef", "not used"};
    EXPECT_EQ(how_to_confirm("held", guard, "shop", "shop.yaml"),
              "held; `trueup apply -f shop.yaml --confirm guard-0123456789ab` says yes to it");
}

}    // namespace
}    // namespace trueup::cli
