// SPDX-License-Identifier: Apache-2.0
#include "controller/base/cipher.hpp"

#include <gtest/gtest.h>

namespace trueup::base {
namespace {

TEST(Cipher, GivesBackWhatWasWrittenAndTellsNothingOfIt) {
    for (const std::string& text :
         {std::string(), std::string("hunter2"), std::string(70'000, 'x')}) {
        const std::string encrypted = encrypt("key", "hooks", text);
        EXPECT_EQ(encrypted.find("hunter2"), std::string::npos);
        EXPECT_EQ(encrypted.find("xxxxxxx"), std::string::npos);
        EXPECT_NE(encrypt("key", "hooks", text), encrypted) << "no two are equal";
        const auto back = decrypt("key", "hooks", encrypted);
        ASSERT_TRUE(back) << back.error().message();
        EXPECT_EQ(*back, text);
    }
}

TEST(Cipher, OfAnotherKeyOrPurposeOrChangedItIsRefused) {
    const std::string encrypted = encrypt("key", "hooks", "hunter2");
    EXPECT_FALSE(decrypt("other", "hooks", encrypted));
    EXPECT_FALSE(decrypt("key", "else", encrypted));
    for (std::size_t at = 0; at < encrypted.size(); ++at) {
        std::string changed = encrypted;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        const auto back = decrypt("key", "hooks", changed);
        ASSERT_FALSE(back) << at;
        EXPECT_EQ(back.error().code(), Errc::invalid);
        EXPECT_FALSE(decrypt("key", "hooks", encrypted.substr(0, at))) << at;
    }
}

}    // namespace
}    // namespace trueup::base
