// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/base/text.hpp"
#include "controller/code/code.hpp"
#include "controller/code/tree_id.hpp"
#include "controller/dockerfile/context.hpp"

namespace trueup::code {
namespace {

constexpr std::size_t file_limit = 200'000;

std::string below(const std::string& root, const std::string& path) {
    if (path.empty()) return root;
    return root == "/" ? "/" + path : root + "/" + path;
}

class Collector {
public:
    Collector(const model::Tree& tree, const dockerfile::Context* context)
        : tree_(tree), context_(context) {}

    ExpectedCode code;

    Result<void> take(const model::CodeMapping& mapping) {
        const auto normal = base::normal_path(mapping.to.empty() ? "" : mapping.to.substr(1));
        if (!mapping.to.starts_with('/') || !normal) {
            return Error(
                Errc::invalid,
                fmt::format("code: '{}' is no absolute path in the container", mapping.to));
        }
        root_ = "/" + *normal;
        ignored_ = dockerfile::Ignore();
        if (!mapping.ignore.empty()) {
            auto rules = dockerfile::Ignore::of(mapping.ignore, "code.ignore");
            if (!rules) return rules.error();
            ignored_ = std::move(*rules);
            for (const std::string& glob : mapping.ignore)
                code.ignore.push_back(below(root_, glob));
        }
        const auto entry = tree_.stat(mapping.from);
        if (!entry)
            return Error(Errc::not_found,
                         fmt::format("code: '{}' is not in the commit", mapping.from));
        if (entry->kind == model::EntryKind::directory) {
            add_roots(mapping.from);
            return directory(mapping.from, "");
        }
        code.directories.push_back(root_);
        return file(mapping.from, "", *entry);
    }

private:
    // Reading "/" would read the whole image: its mapped entries are the roots then.
    void add_roots(const std::string& from) {
        if (root_ != "/") {
            code.directories.push_back(root_);
            return;
        }
        const auto entries = tree_.list(from);
        if (!entries) return;
        for (const model::TreeEntry& entry : *entries) code.directories.push_back("/" + entry.name);
    }

    // Not sent to the builder, so not in the image.
    bool left_out(const std::string& tree_path) const {
        if (dockerfile::is_byte_code(tree_path)) return true;
        if (context_ == nullptr) return false;
        const std::string prefix =
            context_->directory.empty() ? std::string() : context_->directory + "/";
        return !tree_path.starts_with(prefix) ||
               context_->ignore.excludes(tree_path.substr(prefix.size()));
    }

    Result<void> directory(const std::string& tree_path, const std::string& relative) {
        const auto entries = tree_.list(tree_path);
        if (!entries) return entries.error();
        for (const model::TreeEntry& entry : *entries) {
            const std::string child = tree_path.empty() ? entry.name : tree_path + "/" + entry.name;
            const std::string path = relative.empty() ? entry.name : relative + "/" + entry.name;
            if (dockerfile::is_byte_code(child)) continue;
            const auto taken = entry.kind == model::EntryKind::directory ? directory(child, path)
                                                                         : file(child, path, entry);
            if (!taken) return taken;
        }
        return Result<void>();
    }

    Result<void> file(const std::string& tree_path, const std::string& relative,
                      const model::TreeEntry& entry) {
        if (left_out(tree_path) || entry.kind == model::EntryKind::submodule) return Result<void>();
        if (!relative.empty() && ignored_.excludes(relative)) return Result<void>();
        if (code.files.size() >= file_limit)
            return Error(Errc::invalid, fmt::format("code: more than {} files", file_limit));
        ExpectedFile expected;
        expected.object_id = entry.object_id;
        expected.commit_path = tree_path;
        expected.executable = entry.kind == model::EntryKind::executable;
        expected.symlink = entry.kind == model::EntryKind::symlink;
        // A later COPY lies over an earlier one.
        code.files.insert_or_assign(below(root_, relative), std::move(expected));
        return Result<void>();
    }

    const model::Tree& tree_;
    const dockerfile::Context* context_;
    std::string root_;
    dockerfile::Ignore ignored_;
};

bool is_inside(const std::string& path, const std::string& root) {
    return path == root || path.starts_with(root + "/");
}

// Shortest first, none inside another.
void simplify(std::vector<std::string>& roots) {
    std::sort(roots.begin(), roots.end());
    std::vector<std::string> kept;
    for (std::string& root : roots) {
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](const std::string& outer) {
            return is_inside(root, outer);
        });
        if (!covered) kept.push_back(std::move(root));
    }
    roots = std::move(kept);
}

// A root that is a single Python file has its byte code beside it.
void add_cache_folders(ExpectedCode& code) {
    const std::size_t count = code.directories.size();
    for (std::size_t at = 0; at < count; ++at) {
        const std::string& root = code.directories[at];
        if (!root.ends_with(".py") || !code.files.contains(root)) continue;
        code.directories.push_back(root.substr(0, root.rfind('/')) + "/__pycache__");
    }
}

// Whoever says where files lie says nothing of the steps that edit them there: the Dockerfile does, as far
// as it is followed to the same place.
void mark_changeable(ExpectedCode& code, const dockerfile::Context& context,
                     const model::Build& build) {
    code.dockerfile = context.dockerfile_path;
    code.dockerfile_id = base::git_blob_id(context.dockerfile_text);
    const dockerfile::Trace trace = dockerfile::trace(context, build);
    for (auto& [path, file] : code.files) {
        const auto traced = trace.files.find(path);
        if (traced == trace.files.end() || traced->second.object_id != file.object_id) continue;
        file.changeable = traced->second.changeable;
        file.changers = traced->second.changers;
    }
}

std::string id_of(const ExpectedCode& code) {
    base::Hasher hasher(base::HashKind::sha256);
    for (const auto& [path, file] : code.files) {
        hasher.update(fmt::format("{} {}{}{} {}", file.object_id, file.executable ? 'x' : '-',
                                  file.symlink ? 'l' : '-', file.changeable ? "?" : "", path));
        hasher.update(std::string_view("\0", 1));
    }
    for (const std::string& directory : code.directories) hasher.update(directory + "\n");
    if (!code.bytecode) hasher.update("without bytecode\n");
    for (const std::string& glob : code.ignore) hasher.update("!" + glob + "\n");
    return hasher.hex();
}

}    // namespace

ExpectedCode expect(const dockerfile::Trace& trace, bool bytecode) {
    ExpectedCode code;
    code.bytecode = bytecode;
    for (const auto& [path, traced] : trace.files) {
        ExpectedFile file;
        file.object_id = traced.object_id;
        file.commit_path = traced.commit_path;
        file.executable = traced.executable;
        file.symlink = traced.symlink;
        file.changeable = traced.changeable;
        file.changers = traced.changers;
        code.files.emplace(path, std::move(file));
    }
    for (const dockerfile::TracedRoot& root : trace.roots) {
        code.directories.push_back(root.path);
        for (const std::string& glob : root.exclude) code.ignore.push_back(below(root.path, glob));
    }
    if (bytecode) add_cache_folders(code);
    simplify(code.directories);
    code.code_id = id_of(code);
    code.ids = ids_of_directories(code);
    return code;
}

Result<ExpectedCode> expect(const model::Service& service,
                            const std::vector<model::CodeMapping>& mappings,
                            const model::Tree& tree, bool bytecode) {
    std::optional<dockerfile::Context> context;
    if (service.build) {
        auto read = dockerfile::read_context(service, tree);
        if (!read) return read.error();
        context = std::move(*read);
    }
    Collector collector(tree, context ? &*context : nullptr);
    for (const model::CodeMapping& mapping : mappings) {
        const auto taken = collector.take(mapping);
        if (!taken) return taken.error();
    }
    if (context) mark_changeable(collector.code, *context, *service.build);
    collector.code.bytecode = bytecode;
    if (bytecode) add_cache_folders(collector.code);
    simplify(collector.code.directories);
    collector.code.code_id = id_of(collector.code);
    collector.code.ids = ids_of_directories(collector.code);
    return std::move(collector.code);
}

}    // namespace trueup::code
