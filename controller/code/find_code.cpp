// SPDX-License-Identifier: Apache-2.0
// Follows WORKDIR through the only stage of a Dockerfile and turns each COPY and ADD of local files
// into a mapping. What cannot be followed for sure (a relative destination below an unknown
// WORKDIR, variables of the base image, a file copied to what may be a folder, links, archives that
// ADD unpacks, --parents) gives no mapping: unknown is never called fresh.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/code/code.hpp"
#include "controller/dockerfile/context.hpp"
#include "controller/dockerfile/pattern.hpp"

namespace trueup::code {
namespace {

std::string join(std::string_view directory, std::string_view path) {
    if (path.empty()) return std::string(directory);
    if (directory.empty()) return std::string(path);
    return directory.ends_with('/') ? fmt::format("{}{}", directory, path)
                                    : fmt::format("{}/{}", directory, path);
}

std::string base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// An absolute path in the container without "." and ".." parts; nothing when `directory` is
// unknown.
std::optional<std::string> container_path(const std::optional<std::string>& directory,
                                          std::string_view path) {
    if (path.find('$') != std::string_view::npos) return std::nullopt;
    std::string full(path);
    if (!path.starts_with('/')) {
        if (!directory) return std::nullopt;
        full = join(*directory, path);
    }
    const auto normal = base::normal_path(std::string_view(full).substr(1));
    if (!normal) return std::nullopt;
    return "/" + *normal;
}

bool is_archive(std::string_view path) {
    for (const std::string_view ending :
         {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"}) {
        if (path.ends_with(ending)) return true;
    }
    return false;
}

std::string_view extension(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

// Whether a file copied to `target` becomes that file: the base image may have a folder of the
// name.
bool names_a_file(const std::string& source, const std::string& target) {
    const std::string from = base_name(source);
    const std::string to = base_name(target);
    return from == to || (!extension(to).empty() && extension(from) == extension(to));
}

class Follower {
public:
    explicit Follower(const dockerfile::Context& context) : context_(context) {}

    std::vector<model::CodeMapping> mappings;

    void take(const dockerfile::Instruction& instruction) {
        if (instruction.name == "WORKDIR" && !instruction.words.empty()) {
            directory_ = container_path(directory_, instruction.words[0]);
            if (directory_) know_directory(*directory_);
        }
        const bool copies = instruction.name == "COPY" || instruction.name == "ADD";
        const bool foreign =
            instruction.flag("from") || instruction.flag("parents") || instruction.has_heredoc;
        if (copies && !foreign && instruction.words.size() >= 2) copy(instruction);
    }

private:
    struct Source {
        std::string path;    // in the context, "" is its root
        bool directory = false;
    };

    // With everything above it.
    void know_directory(const std::string& path) {
        for (std::size_t end = path.size(); end != std::string::npos && end > 0;
             end = path.rfind('/', end - 1))
            directories_.insert(path.substr(0, end));
    }

    bool is_directory(const std::string& path) const {
        if (path.empty()) return true;
        const std::string prefix = path + "/";
        return std::any_of(
            context_.files.begin(), context_.files.end(),
            [&](const dockerfile::ContextFile& file) { return file.path.starts_with(prefix); });
    }

    bool is_file(const std::string& path) const {
        return std::any_of(context_.files.begin(), context_.files.end(),
                           [&](const dockerfile::ContextFile& file) {
                               // A link that is named itself is copied as what it points to.
                               return file.path == path && file.kind != model::EntryKind::symlink;
                           });
    }

    // Files and folders of the context that a wildcard names: same depth, first parts of deeper
    // files.
    std::set<std::string> expand(const dockerfile::Pattern& pattern, std::string_view text) const {
        const auto depth = std::count(text.begin(), text.end(), '/');
        std::set<std::string> found;
        for (const dockerfile::ContextFile& file : context_.files) {
            std::size_t end = file.path.find('/');
            for (std::ptrdiff_t level = 0; level < depth && end != std::string::npos; ++level)
                end = file.path.find('/', end + 1);
            const std::string candidate = file.path.substr(0, end);
            if (pattern.matches(candidate)) found.insert(candidate);
        }
        return found;
    }

    // Files and folders, but no links and nothing that ADD unpacks.
    void add_source(const dockerfile::Instruction& instruction, const std::string& path,
                    std::vector<Source>& sources) const {
        const bool unpacked = instruction.name == "ADD" && is_archive(path);
        if (is_directory(path))
            sources.push_back({path, true});
        else if (is_file(path) && !unpacked)
            sources.push_back({path, false});
    }

    std::vector<Source> sources_of(const dockerfile::Instruction& instruction) const {
        std::vector<Source> sources;
        for (std::size_t index = 0; index + 1 < instruction.words.size(); ++index) {
            std::string word = instruction.words[index];
            const bool remote = instruction.name == "ADD" &&
                                (word.find("://") != std::string::npos || word.starts_with("git@"));
            if (remote) continue;
            while (word.starts_with('/')) word.erase(0, 1);
            const auto path = base::normal_path(word);
            if (!path) continue;
            const auto pattern = dockerfile::Pattern::compile(*path);
            if (!pattern || !pattern->has_wildcard()) {
                add_source(instruction, *path, sources);
                continue;
            }
            for (const std::string& match : expand(*pattern, *path))
                add_source(instruction, match, sources);
        }
        return sources;
    }

    void copy(const dockerfile::Instruction& instruction) {
        const std::string& written = instruction.words.back();
        const auto target = container_path(directory_, written);
        if (!target) return;
        const std::vector<Source> sources = sources_of(instruction);
        const bool into_directory = written.ends_with('/') || written == "." ||
                                    written.ends_with("/.") || instruction.words.size() > 2 ||
                                    sources.size() > 1 || directories_.contains(*target);
        for (const Source& source : sources) {
            if (!source.directory && !into_directory && !names_a_file(source.path, *target))
                continue;
            model::CodeMapping mapping;
            mapping.from = join(context_.directory, source.path);
            mapping.to = source.directory || !into_directory
                             ? *target
                             : join(*target, base_name(source.path));
            mapping.ignore = excludes_of(instruction);
            if (source.directory) know_directory(*target);
            mappings.push_back(std::move(mapping));
        }
    }

    static model::Strings excludes_of(const dockerfile::Instruction& instruction) {
        constexpr std::string_view flag = "--exclude=";
        model::Strings globs;
        for (const std::string& text : instruction.flags) {
            if (text.starts_with(flag)) globs.push_back(text.substr(flag.size()));
        }
        return globs;
    }

    const dockerfile::Context& context_;
    std::optional<std::string> directory_;    // WORKDIR, once an absolute one was seen
    std::set<std::string> directories_;       // paths known to be folders
};

}    // namespace

Result<std::map<std::string, std::vector<model::CodeMapping>>> find_code(
    const model::Project& project, const model::Tree& tree,
    const std::map<std::string, std::vector<model::CodeMapping>>& explicit_code) {
    std::map<std::string, std::vector<model::CodeMapping>> code = explicit_code;
    for (const auto& [name, service] : project.services) {
        if (!service.build || code.contains(name)) continue;
        const auto context = dockerfile::read_context(service, tree);
        if (!context) return context.error();
        // What a later stage takes from an earlier one cannot be followed.
        if (context->dockerfile.stages.size() != 1) continue;
        Follower follower(*context);
        for (const dockerfile::Instruction& instruction :
             context->dockerfile.stages.front().instructions)
            follower.take(instruction);
        if (!follower.mappings.empty()) code.emplace(name, std::move(follower.mappings));
    }
    return code;
}

}    // namespace trueup::code
