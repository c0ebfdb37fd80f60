// SPDX-License-Identifier: Apache-2.0
// One stack's desired state, whole: the commit, the project loaded from it, and what code must be
// where. Made once per (spec, commit) and then shared: nothing in it changes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/result.hpp"
#include "controller/code/code.hpp"
#include "controller/model/project.hpp"
#include "controller/plan/plan.hpp"
#include "controller/source/git.hpp"
#include "controller/source/host_files.hpp"

namespace trueup::reconcile {

struct Desired {
    source::Commit commit;
    model::Project project;    // with build ids and code mappings
    std::map<std::string, std::shared_ptr<const code::ExpectedCode>> expected;    // by service
    v1alpha1::BytecodePolicy bytecode = v1alpha1::BytecodePolicy::purge;
    // By service: the lines of its Dockerfile whose files could not be followed into the image.
    std::map<std::string, Problems> untraced;
    // Of these, the lines with files of the commit: without them a service is not proven.
    std::map<std::string, Problems> unplaced;
    // By service whose Dockerfile was followed: the image it starts from.
    std::map<std::string, dockerfile::BaseImage> bases;
    plan::Policy policy;
    model::Strings host_values;    // out of files of the host: no message repeats one
    std::map<std::string, std::string> applied_hashes;    // by service: plan::applied_hash()
};

struct LoadInputs {
    v1alpha1::StackSpec spec;
    std::string stack_name;
    std::string project_name;
    std::string controller_name;
    std::string owner_key;    // of seals; "" = there are none
    std::string bind_root;
    source::Commit commit;
    std::vector<std::string> host_contents;    // of the spec's variable files of the host, in order
    source::HostFiles host_files;
    std::string unseen_files;     // why the engine does not see what is materialised; "" = it does
    std::string remote_engine;    // its name, when it is on another host; "" = here
};

// The load stage: compose files, build recipes, code mappings. Reads the commit's tree, and of the
// host only whether paths are allowed; runs on the pool. Every problem comes with its place in the
// commit; none repeats a value out of a file of the host.
Result<std::shared_ptr<const Desired>> load_desired(const LoadInputs& inputs);

// The url of a Stack's repository: relative paths start at the folder of its desired-state file.
Result<std::string> absolute_git_url(const v1alpha1::GitSource& git, const std::string& directory);

}    // namespace trueup::reconcile
