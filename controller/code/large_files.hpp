// SPDX-License-Identifier: Apache-2.0
// Git LFS (github.com/git-lfs/git-lfs/blob/main/docs/spec.md): the commit holds a pointer in place of a
// file, and a checkout the file. What is built from the commit alone would have the pointer, and what was
// built from a checkout would differ for ever, so neither is compared.
#pragma once

#include "controller/code/code.hpp"

namespace trueup::code {

// Of the expected files: which are such pointers, by .gitattributes (`filter=lfs`) and their content, each
// with its path in the commit; at most 10, and a last one that counts the others. Macros of .gitattributes
// are not followed.
Problems large_file_pointers(const ExpectedCode& expected, const model::Tree& tree);

}    // namespace trueup::code
