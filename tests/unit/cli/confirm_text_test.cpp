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

TEST(HowToConfirm, AControllerThatHoldsTheEngineTakesTheYes) {
    const std::string said = "a volume goes. `trueup confirm shop` lets exactly this through";
    EXPECT_EQ(how_to_confirm_there(said, "shop"), said);
    EXPECT_EQ(how_to_confirm_there("held", "shop"), "held; `trueup confirm shop` says yes to it");
}

TEST(HowToConfirm, ATokenThatSaidYesToNothingIsTold) {
    EXPECT_EQ(
        unmatched_token_text("0123abcd", true, false),
        "--confirm 0123abcd: that is the token of no question that is asked now (it is another "
        "one by now, or the token is not whole); this one is asked:");
    EXPECT_EQ(unmatched_token_text("0123abcd", false, false),
              "--confirm 0123abcd: no question is asked (any more)");
    EXPECT_EQ(unmatched_token_text("0123abcd", false, true),
              "--confirm 0123abcd: nobody was asked: a controller holds the engine, and `trueup "
              "confirm STACK` says yes to what that asks");
}

TEST(HowToConfirm, TheCommandNamesTheTokenAndTheController) {
    const v1alpha1::ConfirmationStatus guard{"guard-0123456789abcdef", "not used"};
    EXPECT_EQ(confirming_command(guard, "shop", "http://127.0.0.1:9180"),
              "trueup confirm shop --token guard-0123456789abcdef");
    EXPECT_EQ(confirming_command(guard, "shop", "http://127.0.0.1:81"),
              "trueup confirm shop --token guard-0123456789abcdef --server http://127.0.0.1:81");
}

}    // namespace
}    // namespace trueup::cli
