// SPDX-License-Identifier: Apache-2.0
// Inside reconcile/ only: what the reconciler's files share.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "controller/reconcile/adoption.hpp"
#include "controller/reconcile/changed_folders.hpp"
#include "controller/reconcile/history.hpp"
#include "controller/reconcile/reconciler.hpp"

namespace trueup::reconcile {

// What is remembered of a stack between two reconciles.
struct Reconciler::Memory {
    v1alpha1::StackSpec spec;                       // of `desired` and `commit`
    std::optional<source::Commit> commit;           // the last one that was fetched
    std::optional<SystemTime> asked_at;             // the git server, with success
    bool ask_again = false;                         // the branch may have moved
    std::shared_ptr<const Desired> desired;         // of that commit and spec
    std::map<std::string, std::string> code_ids;    // by service, of `desired`
    std::map<std::string, std::string> recipes;
    bool bases_known = false;    // the base images of `desired` were asked for their ONBUILD
    std::vector<std::string> host_paths;       // variable files of the host
    std::vector<std::string> host_contents;    // theirs, only while `desired` is loaded
    std::string host_digest;                   // of the contents that `desired` was made from
    std::string host_fingerprint;              // of the files when they were read
    bool refused = false;    // the last attempt was, by a git server, a registry or the engine
    std::string
        credential_fingerprint;    // of their files, when they were looked at since; "" = not
    bool leftovers = true;         // proofs of an attempt that failed or was killed may lie about
    std::string proven_commit;     // lead time was counted for it
    std::map<std::string, std::string>
        swept;    // container id -> changed paths at the last compare
    // network id -> whose containers were found on it when it was to be removed
    std::map<std::string, model::Strings> others;
    model::StringMap tags;                      // reference -> image, at the last sweep
    std::optional<v1alpha1::StackSpec> good;    // with which all was carried out last
    // Of what was applied, while the wanted commit is not to be had: what runs is looked at by it.
    std::shared_ptr<Memory> standing;
    Told told;
    Comparisons comparisons;
    ChangedFolders changed_folders;
};

inline const Reconciler::Memory& Reconciler::shown(const Memory& memory) {
    return memory.standing ? *memory.standing : memory;
}

struct Reconciler::Run {
    Run(Entry of, std::shared_ptr<Memory> remembered, Stop asked)
        : entry(std::move(of)),
          kept(std::move(remembered)),
          memory(*kept),
          stop(std::move(asked)) {}

    Entry entry;
    std::shared_ptr<Memory> kept;
    Memory& memory;
    Findings findings;
    Stop stop;
    bool acts = false;         // it may change the engine, so it needs to be ours
    bool requested = false;    // an operator asked for this, and it was not acted on yet
    store::Changes noted;      // not written yet
    // What a person had said yes to when the plan was made.
    std::set<std::string> confirmed;
};

}    // namespace trueup::reconcile
