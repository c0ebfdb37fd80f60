// SPDX-License-Identifier: Apache-2.0
// The code of one container against a commit of a repository on this machine: no Stack, no controller, no
// configuration. Changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/model/observed.hpp"
#include "controller/model/tree.hpp"

namespace trueup::app {

// `trueup code hash COMMIT:PATH`: the id git gives the file or folder.
struct CodeHash {
    std::string commit;    // full id
    std::string path;      // "" = the root
    model::EntryKind kind = model::EntryKind::file;
    std::string object_id;
};
// Errors: invalid (no "COMMIT:PATH"), those of source::find_commit, not_found (no such path).
Result<CodeHash> hash_code(const std::string& repository, const std::string& object);

struct CodeChoice {
    std::string container;    // id or name
    std::string repository = ".";
    std::string revision = "HEAD";
    std::vector<std::string>
        maps;                 // "from:/to"; empty = the Dockerfile of the container's service
    std::string engine;       // a url; "" = $DOCKER_HOST, else the default socket
    bool contents = false;    // of what differs, for a diff
};

// One file that differs.
struct DifferingFile {
    std::string path;     // in the commit; of an extra one: in the container
    std::string place;    // in the container; "" when it is none there or in several places
    model::FileChange change = model::FileChange::modified;
    // With `contents`, of at most 1 MiB each: nothing = not there, or longer, or no text and no link.
    std::optional<std::string> before;
    std::optional<std::string> after;
    bool bounded = false;    // it is there and not shown
};

struct CodeCheck {
    std::string container;    // its name
    std::string container_id;
    std::string commit;
    std::string subject;
    model::CodeStatus status = model::CodeStatus::unknown;
    std::size_t files = 0;    // compared
    std::size_t difference_count = 0;
    std::vector<DifferingFile> differing;    // at most 1000; of these with contents at most 100
    model::Strings bytecode;                 // "app/x.pyc is not what …": at most 20
    std::size_t bytecode_count = 0;
    // What its image brought along beyond the commit, and trueup did not build it of this commit: paths
    // in the container, at most 20. Nobody knows whether its build made them, or a dirty checkout.
    model::Strings of_image;
    std::size_t of_image_count = 0;
    // Files of the commit that the build of its image changed, and which step may have: at most 20. They are
    // as its image has them, and no differences.
    model::Strings of_build;
    std::size_t of_build_count = 0;
    Problems untraced;    // of the Dockerfile: what was not compared, and why
};
// Errors: those of source::find_commit and of the engine; not_found (no such container, or nothing says
// where its code lies: says how to with --map).
Result<CodeCheck> check_code(const CodeChoice& choice);

}    // namespace trueup::app
