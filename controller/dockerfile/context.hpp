// SPDX-License-Identifier: Apache-2.0
// The build context of a service, as the commit has it: the Dockerfile's text, the rules of
// .dockerignore, and the files that are left after them. Byte code never belongs to it. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/dockerfile/ignore.hpp"
#include "controller/dockerfile/parse.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::dockerfile {

struct ContextFile {
    std::string path;         // relative to the context
    std::string tree_path;    // in the commit
    model::EntryKind kind = model::EntryKind::file;
    std::string object_id;
    std::string target;    // of a symlink

    bool operator==(const ContextFile&) const = default;
};

struct Context {
    std::string directory;    // in the commit
    std::string dockerfile_text;
    std::string dockerfile_path;    // in the commit, for messages; "(inline)" for dockerfile_inline
    std::string
        dockerfile_in_context;    // relative to the context; "" when it lies outside of it or is inline
    Dockerfile dockerfile;
    Ignore ignore;
    std::vector<ContextFile> files;    // sorted by path, directories not listed
};

// Errc::invalid with positions: no such context, no Dockerfile, bad .dockerignore, submodules, limits
// (100,000 files).
Result<Context> read_context(const model::Service& service, const model::Tree& tree);

// __pycache__ folders, *.pyc and *.pyo: what an interpreter makes itself.
bool is_byte_code(std::string_view path);

}    // namespace trueup::dockerfile
