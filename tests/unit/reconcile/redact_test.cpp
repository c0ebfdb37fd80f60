// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/redact.hpp"

#include <gtest/gtest.h>

namespace trueup::reconcile {
namespace {

TEST(Redact, EveryOccurrenceGoesAndTheLongestFirst) {
    EXPECT_EQ(redact("a hunter2 b hunter2hunter2", {"hunter2"}), "a … b ……");
    EXPECT_EQ(redact("token-and-more", {"token", "token-and-more"}), "…");
    EXPECT_EQ(redact("port 80", {"80", ""}), "port 80") << "short values tear words apart";
    EXPECT_EQ(redact("nothing", {}), "nothing");
}

TEST(Redact, ProblemsKeepTheirPlaces) {
    const Position position{"compose.yaml", 3, 4};
    const Error error(Problems{{position, "'hunter2' is no port", "not hunter2"}});
    EXPECT_EQ(redact(error, {"hunter2"}), Error(Problems{{position, "'…' is no port", "not …"}}));
    EXPECT_EQ(redact(Error(Errc::timeout, "hunter2"), {"hunter2"}), Error(Errc::timeout, "…"));
}

}    // namespace
}    // namespace trueup::reconcile
