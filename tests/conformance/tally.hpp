// SPDX-License-Identifier: Apache-2.0
// Counts the cases of one kind and prints the counts.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/conformance/known.hpp"

namespace trueup::conformance {

class Tally {
public:
    explicit Tally(std::string kind) : kind_(std::move(kind)) {}
    ~Tally() {
        std::printf(
            "%-14s %4zu passed %3zu failed %3zu knowingly different %3zu knowingly refused\n",
            kind_.c_str(), passed_, failed_, known_, refused_);
    }
    Tally(const Tally&) = delete;
    Tally& operator=(const Tally&) = delete;

    // `found` says what is different, empty = nothing; `details` is shown beside it.
    void count(const std::string& name, const std::vector<std::string>& found,
               const std::string& details) {
        const auto known = known_differences.find(name);
        if (known != known_differences.end()) {
            ++known_;
            EXPECT_FALSE(found.empty()) << name << " is as recorded: take it off the list";
            return;
        }
        ++(found.empty() ? passed_ : failed_);
        std::string text;
        for (const std::string& difference : found) text += "  " + difference + "\n";
        EXPECT_TRUE(found.empty()) << name << "\n" << text << details;
    }

    // Of one that stands in the list.
    void count_refused(const std::string& name, bool refused) {
        ++refused_;
        EXPECT_TRUE(refused) << name << " loads: take it off the list";
    }

private:
    std::string kind_;
    std::size_t passed_ = 0;
    std::size_t failed_ = 0;
    std::size_t known_ = 0;
    std::size_t refused_ = 0;
};

}    // namespace trueup::conformance
