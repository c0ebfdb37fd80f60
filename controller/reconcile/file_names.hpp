// SPDX-License-Identifier: Apache-2.0
// Which desired-state files name one stack. Inside reconcile/ only. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/result.hpp"

namespace trueup::reconcile {

struct Entry;

// What each file that can be read names.
using FileStacks = std::map<std::string, std::vector<const v1alpha1::Stack*>>;

// What is said of `path` holds for `file`: it is the file, or a folder above it, which could not be
// read.
bool speaks_for(const std::string& path, const std::string& file);

// Adds to `rejected` (file -> why) every file that names a stack which another file names as well, or
// gave before and is rejected: no order of the files tells which of them is meant, a copy with an older
// commit may be either. `before`: the stacks as they were.
void reject_contested(const FileStacks& named, const std::map<std::string, Entry>& before,
                      std::map<std::string, Error>& rejected);

}    // namespace trueup::reconcile
