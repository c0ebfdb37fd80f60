// SPDX-License-Identifier: Apache-2.0
// A Dockerfile over a fixed context with links, a circle of them, and names of every kind: it ends, every
// path is absolute and normal, every file is one of the context or a heredoc of the Dockerfile.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "controller/dockerfile/trace.hpp"

namespace {

namespace dockerfile = trueup::dockerfile;
using trueup::model::EntryKind;

const std::string any_id(40, 'a');

dockerfile::Context context() {
    dockerfile::Context made;
    made.dockerfile_path = "Dockerfile";
    const auto add = [&](const char* path, EntryKind kind = EntryKind::file,
                         const char* target = "") {
        made.files.push_back({path, path, kind, any_id, target});
    };
    add("a.py");
    add("a/b.py");
    add("a/c/d.py");
    add("a/link", EntryKind::symlink, "../b");
    add("b", EntryKind::symlink, "a");
    add("circle", EntryKind::symlink, "round");
    add("round", EntryKind::symlink, "/circle");
    add("out", EntryKind::symlink, "../../etc/passwd");
    add("run.sh", EntryKind::executable);
    add("x\n\xFF.tar");
    return made;
}

bool is_normal(const std::string& path) {
    return path.starts_with('/') && path.size() > 1 && !path.ends_with('/') &&
           path.find("//") == std::string::npos && path.find("/./") == std::string::npos &&
           path.find("/../") == std::string::npos && !path.ends_with("/..");
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto parsed = dockerfile::parse(text, "Dockerfile", {{"VERSION", "1.2"}});
    if (!parsed) return 0;
    dockerfile::Context made = context();
    made.dockerfile = std::move(*parsed);
    std::set<std::string> known{"Dockerfile"};
    for (const auto& file : made.files) known.insert(file.tree_path);
    const trueup::model::Build build;
    const dockerfile::Trace trace = dockerfile::trace(made, build);
    for (const auto& [path, file] : trace.files) {
        if (!is_normal(path) || !known.contains(file.commit_path)) std::abort();
        if (file.object_id.size() != 40 || file.position.line == 0) std::abort();
    }
    for (const auto& root : trace.roots) {
        if (!is_normal(root.path)) std::abort();
    }
    if (trace.untraced.size() > 100) std::abort();
    for (const auto& each : trace.untraced) {
        if (each.problem.position.line == 0 || each.problem.message.empty()) std::abort();
    }
    return 0;
}
