// SPDX-License-Identifier: Apache-2.0
// Variable files of the host: read before every load of a stack that names some. Equal contents give
// the project that is there already; a glance at the files' times tells when to look at all.
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/reconcile/reconciler_run.hpp"

namespace trueup::reconcile {
namespace {

struct HostRead {
    std::vector<std::string> contents;
    std::string digest;
    std::string fingerprint;
    std::optional<Error> error;    // of the first that cannot be read
};

HostRead read_all(const source::HostFiles& files, const std::vector<std::string>& paths) {
    HostRead read;
    // Before the contents: what changes while they are read is looked at once more.
    read.fingerprint = source::HostFiles::fingerprint(paths);
    base::Hasher hasher(base::HashKind::sha256);
    for (const std::string& path : paths) {
        auto content = files.read(path);
        if (!content) {
            read.error = content.error().in("spec.compose.variableFiles");
            return read;
        }
        hasher.update(std::to_string(content->size()) + ":");
        hasher.update(*content);
        read.contents.push_back(std::move(*content));
    }
    read.digest = hasher.hex();
    return read;
}

}    // namespace

Task<void> Reconciler::read_host_files(Run& run) {
    Memory& memory = run.memory;
    memory.host_paths.clear();
    for (const v1alpha1::VariableFile& file : run.entry.stack.spec.compose.variable_files) {
        if (file.on_host) memory.host_paths.push_back(file.path);
    }
    if (memory.host_paths.empty()) co_return Result<void>();
    HostRead read;
    std::function<void()> work = [this, &read, paths = memory.host_paths] {
        read = read_all(options_.host_files, paths);
    };
    co_await base::offload(parts_.pool, std::move(work));
    memory.host_fingerprint = std::move(read.fingerprint);
    if (read.error) {
        if (!is_terminal(*read.error)) run.findings.reason = "HostFileUnavailable";
        co_return *read.error;
    }
    if (read.digest != memory.host_digest) memory.desired = nullptr;
    memory.host_digest = std::move(read.digest);
    if (!memory.desired) memory.host_contents = std::move(read.contents);
    co_return Result<void>();
}

// Of those that were refused. The first look since only learns what there is.
std::vector<std::string> Reconciler::with_new_credentials(const std::string& fingerprint) {
    std::vector<std::string> changed;
    for (const auto& [name, memory] : memory_) {
        if (!memory->refused || memory->credential_fingerprint == fingerprint) continue;
        if (!memory->credential_fingerprint.empty()) changed.push_back(name);
        memory->credential_fingerprint = fingerprint;
    }
    return changed;
}

boost::asio::awaitable<std::vector<std::string>> Reconciler::changed_host_files() {
    std::map<std::string, std::vector<std::string>> paths;
    bool refused = false;
    for (const auto& [name, memory] : memory_) {
        if (!memory->host_paths.empty()) paths[name] = memory->host_paths;
        refused = refused || memory->refused;
    }
    if (paths.empty() && !refused) co_return std::vector<std::string>();
    std::map<std::string, std::string> found;
    std::string credentials;
    std::function<void()> work = [this, &paths, &found, &credentials, refused] {
        for (const auto& [name, files] : paths) found[name] = source::HostFiles::fingerprint(files);
        if (refused) credentials = source::HostFiles::fingerprint(options_.credential_files);
    };
    co_await base::offload(parts_.pool, std::move(work));
    std::vector<std::string> changed = with_new_credentials(credentials);
    for (auto& [name, fingerprint] : found) {
        const auto memory = memory_.find(name);
        if (memory == memory_.end() || memory->second->host_fingerprint == fingerprint) continue;
        memory->second->host_fingerprint = std::move(fingerprint);
        changed.push_back(name);
    }
    co_return changed;
}

}    // namespace trueup::reconcile
