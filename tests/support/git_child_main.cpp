// SPDX-License-Identifier: Apache-2.0
// The controller starts itself as its git child, so this executable has to know the argument too.
#include <gtest/gtest.h>

#include <string_view>

#include "controller/source/git.hpp"

int main(int argc, char** argv) {
    if (argc > 1 && argv[1] == trueup::source::git_child_argument)
        return trueup::source::run_git_child();
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
