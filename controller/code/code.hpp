// SPDX-License-Identifier: Apache-2.0
// Code identity: is the code in an image or a container the commit's? Files are hashed as git blobs
// and compared with the commit's object ids, so equality is a proof and a difference names files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/offload.hpp"
#include "controller/dockerfile/trace.hpp"
#include "controller/engine/engine.hpp"
#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"
#include "controller/model/tree.hpp"

namespace trueup::code {

// What the commit says must be in a service's container: path in the container -> blob id.
struct ExpectedFile {
    std::string object_id;      // git blob id of the content; of a symlink: of its target
    std::string commit_path;    // for messages
    bool executable = false;    // 755, else 644
    bool symlink = false;
    // A step behind its COPY may have changed or removed it: what differs may be the build's doing.
    bool changeable = false;
    dockerfile::LineRange changers;    // these steps

    bool operator==(const ExpectedFile&) const = default;
};
struct ExpectedCode {
    std::string code_id;    // hash over everything below: two equal ids expect the same
    std::map<std::string, ExpectedFile> files;    // absolute path in the container
    std::vector<std::string> directories;    // roots to read, shortest first, none inside another
    std::vector<std::string> ignore;         // globs of absolute paths that are never drift
    bool bytecode = true;                    // .pyc files in the directories are looked into
    std::size_t most_differences = 20;       // how many of them a comparison keeps
    std::string dockerfile;                  // that was followed, for messages; "" = none
    std::string dockerfile_id;               // git blob id of its text
    // By directory that has any: the id git gives exactly the files that are expected there. Where nothing
    // is left out it is the id of the commit's folder, or file.
    std::map<std::string, std::string> ids;
    bool operator==(const ExpectedCode&) const = default;
};

// A file of the commit is at the path or below it.
bool has_file_in(const ExpectedCode& expected, const std::string& path);

// What the commit says of one service's code.
struct ServiceCode {
    std::shared_ptr<const ExpectedCode>
        expected;                                // nullptr: no file of the commit is in its image
    std::vector<model::CodeMapping> mappings;    // where those files lie; empty without them
    Problems untraced;    // what of the Dockerfile could not be followed, each with its line
    Problems unplaced;    // of these, where files of the commit go that `expected` does not have
    // What the image starts from, where the Dockerfile was followed: its ONBUILD may add files.
    dockerfile::BaseImage base{};
};

// Of each service that builds, by its Dockerfile (dockerfile/trace.hpp), and of each that
// `explicit_code` of the Stack names, which wins.
Result<std::map<std::string, ServiceCode>> find_code(
    const model::Project& project, const model::Tree& tree,
    const std::map<std::string, std::vector<model::CodeMapping>>& explicit_code,
    bool bytecode = true);

// The files that a Dockerfile brings into its image.
ExpectedCode expect(const dockerfile::Trace& trace, bool bytecode = true);

// That `base` has ONBUILD instructions: nobody followed these.
// Nothing where there are none, or the engine does not have the image.
Task<std::optional<Problem>> untraced_triggers(engine::Engine& engine, dockerfile::BaseImage base);

// The files of the commit behind the mappings, without what .dockerignore leaves out of the
// service's context and without byte code. The cache folder of a single Python file is read too
// where `bytecode` is looked into.
Result<ExpectedCode> expect(const model::Service& service,
                            const std::vector<model::CodeMapping>& mappings,
                            const model::Tree& tree, bool bytecode = true);

// Which code an image has that is not the commit's word for word, by the doing of its build: source
// files (by language) that the commit does not have, files whose mode alone differs (RUN chmod,
// COPY --chmod), changeable ones. With the commit's own files it tells all that a container of the
// image must have.
struct BuiltFile {
    std::string object_id;    // as in ExpectedFile; "" = the build removed it
    bool executable = false;
    bool symlink = false;

    bool operator==(const BuiltFile&) const = default;
};
using Manifest = std::map<std::string, BuiltFile>;    // by path in the container

// Reads the code directories of a container (running or only created) through the archive API and
// compares with the commit and, where that is known, with the image's manifest. Without it all that
// may be of the build differs: then the image is to be asked.
struct Comparison {
    model::CodeState state;
    Manifest of_build;                     // what was found so: of an image, its manifest
    model::CodeState apart;                // `state` without all that may be of the build
    std::vector<std::string> untrusted;    // every .pyc of the findings: path in the container
};
// What interpreters said of byte code: see bytecode.hpp.
class Verdicts;
Task<Comparison> compare_container(engine::Engine& engine, Pool& pool, std::string container_id,
                                   std::shared_ptr<const ExpectedCode> expected,
                                   std::shared_ptr<const Manifest> manifest, Verdicts& verdicts,
                                   SystemTime now);

// The label of throw-away containers that comparisons of images create; its value is the owner.
inline constexpr std::string_view proof_label = "dev.trueup.proof";
// With it begin their names. Whoever is called otherwise is not ours, whatever its label says.
inline constexpr std::string_view proof_prefix = "trueup-proof-";

// The same for an image, through a container that is created from it, never started, and removed
// with its anonymous volumes; byte code is judged in another one. What only a build can have
// changed is no difference here: it is the manifest of its containers (of_build), and changes.hpp tells
// which of it may not be believed. Not so of the image of a stranger's build, which may be of anything:
// only modes are its own there.
enum class Builder : std::uint8_t { trueup, stranger };
Task<Comparison> compare_image(engine::Engine& engine, Pool& pool, std::string image_id,
                               std::shared_ptr<const ExpectedCode> expected, std::string owner,
                               Verdicts& verdicts, SystemTime now,
                               Builder builder = Builder::trueup);

// What of a manifest has the commit's content, and another mode alone.
Manifest only_modes(const Manifest& manifest, const ExpectedCode& expected);

// Removes the throw-away containers of this owner that are still there.
Task<void> remove_leftovers(engine::Engine& engine, std::string owner);

}    // namespace trueup::code
