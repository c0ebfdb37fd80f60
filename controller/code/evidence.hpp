// SPDX-License-Identifier: Apache-2.0
// What of a container's code differs from the commit, copied before the container is replaced: a hand
// edit may be the only copy of a fix that somebody made at night.
//
// DIRECTORY/STACK/TIME-CONTAINER/ holds evidence.json, which names each difference, and the files
// below files/ at their paths in the container, readable by the controller's user only. Bounds: the
// differences that a comparison keeps (20), 1 MiB a file, 8 MiB in all; the last 10 folders of a
// stack. What was too much is named all the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/base/offload.hpp"
#include "controller/code/code.hpp"
#include "controller/engine/engine.hpp"
#include "controller/model/observed.hpp"

namespace trueup::code {

inline constexpr std::size_t evidence_file_limit = std::size_t{1} << 20U;
inline constexpr std::size_t evidence_limit = std::size_t{8} << 20U;
inline constexpr std::size_t kept_evidence = 10;

struct EvidenceFile {
    std::string path;                      // as the comparison names it
    std::string what;                      // modified, missing, extra, mode; bytecode
    std::string place;                     // in the container; "" = nobody knows
    std::optional<SystemTime> changed;     // its time there
    std::optional<std::string> content;    // of a link: its target
    std::string remark;                    // why there is no content
};

struct Evidence {
    std::string stack;
    std::string service;
    std::string container;    // name
    std::string container_id;
    std::string image_id;
    std::string commit;
    SystemTime time;
    std::vector<EvidenceFile> files;
    std::size_t differing = 0;    // `files` may be fewer
};

// Where a difference lies in the container: in several places where the commit's file was copied to
// several.
std::vector<std::string> places_of(const model::FileDifference& difference,
                                   const ExpectedCode& expected);

// Reads what `container.code` names. Files of the commit that are in several places are kept where
// they differ. Errors: of the engine.
Task<std::vector<EvidenceFile>> read_differing(engine::Engine& engine,
                                               model::ObservedContainer container,
                                               std::shared_ptr<const ExpectedCode> expected);

// Writes a new folder and returns its path; what is older than the last ten is removed. It is there
// whole or not at all. Blocking: for the pool. `directory` is made where it is not.
Result<std::string> write_evidence(const std::string& directory, const Evidence& evidence);

}    // namespace trueup::code
