// SPDX-License-Identifier: Apache-2.0
// The controller starts itself as its git child, so this executable has to know the argument too.
#include <gtest/gtest.h>

#include "controller/source/git.hpp"

int main(int argc, char** argv) {
    if (argc > 1 && trueup::source::is_git_child(argv[1])) return trueup::source::run_git_child();
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
