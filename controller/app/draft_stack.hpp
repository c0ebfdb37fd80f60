// SPDX-License-Identifier: Apache-2.0
// The Stack of a compose project that runs already, from what its containers' labels and the git work
// tree beside its compose files say. Pure: whoever has looked there fills FoundProject in.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "controller/app/host_access.hpp"
#include "controller/base/result.hpp"
#include "controller/model/build.hpp"

namespace trueup::app {

// A bind mount whose source lies below the project's directory.
struct FoundBind {
    std::string service;
    std::string source;    // absolute

    bool operator==(const FoundBind&) const = default;
};

// What the labels of docker compose say; paths are absolute, of the host where it was started.
struct ProjectLabels {
    std::string working_directory;
    std::vector<std::string> compose_files;
    std::vector<std::string> variable_files;    // --env-file

    bool operator==(const ProjectLabels&) const = default;
};

struct FoundContainer {
    std::string service;
    bool one_off = false;
    model::StringMap labels;
    std::vector<std::string> bind_sources;
};

// Of the newest container of a service, which knows the files best. Errors: not_found (no container
// of compose among them, or its labels name no directory).
Result<ProjectLabels> read_project_labels(const std::vector<FoundContainer>& containers);

// What others of them were started from, in words; each once, with its services. Commands that were run by
// hand do not count.
std::vector<std::string> other_origins(const std::vector<FoundContainer>& containers,
                                       const ProjectLabels& chosen);

struct FoundFile {
    std::string path;    // absolute
    std::string
        in_commit;    // relative to the project's directory; "" = the commit does not have it
    bool modified = false;    // on disk it is not as the commit has it
};

struct FoundProject {
    std::string project;
    std::string environment;
    bool environment_said = false;    // else it is a guess
    std::string url;                  // root of the work tree
    std::string origin;               // url of its remote; "" = none
    bool pushed = true;               // the remote has the commit, as far as the work tree knows
    std::string commit;
    std::string path;    // the project's directory, relative to url
    std::string working_directory;
    std::vector<FoundFile> compose_files;
    std::vector<FoundFile> variable_files;    // a .env beside the compose files too
    std::vector<FoundBind>
        outside_commit;    // binds below the directory that are not in the commit
    std::vector<std::string> other_origins;
};

struct Draft {
    boost::json::object stack;         // with adopt: false
    std::vector<std::string> notes;    // what a person has to look at
    HostAccess lacking;                // of what the Stack names
    std::string advice;                // how to allow that; "" = nothing is lacking
};

// The files and folders of the host that the Stack will name.
std::vector<HostNeed> host_needs(const FoundProject& found);

// Errors: invalid, with all compose files that the commit does not have.
Result<Draft> draft_stack(const FoundProject& found);

}    // namespace trueup::app
