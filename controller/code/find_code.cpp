// SPDX-License-Identifier: Apache-2.0
// Follows WORKDIR through the only stage of a Dockerfile and turns each COPY and ADD of local files
// into a mapping. What cannot be followed for sure (a relative destination below an unknown WORKDIR,
// archives that ADD unpacks, --parents) gives no mapping: unknown is never called fresh.
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

// An absolute path in the container without "." and ".." parts; nothing when `directory` is unknown.
std::optional<std::string> container_path(const std::optional<std::string>& directory,
                                          std::string_view path) {
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

class Follower {
public:
    explicit Follower(const dockerfile::Context& context) : context_(context) {}

    std::vector<model::CodeMapping> mappings;

    void take(const dockerfile::Instruction& instruction) {
        if (instruction.name == "WORKDIR" && !instruction.words.empty()) {
            directory_ = container_path(directory_, instruction.words[0]);
            if (directory_) directories_.insert(*directory_);
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

    bool is_directory(const std::string& path) const {
        if (path.empty()) return true;
        const std::string prefix = path + "/";
        return std::any_of(
            context_.files.begin(), context_.files.end(),
            [&](const dockerfile::ContextFile& file) { return file.path.starts_with(prefix); });
    }

    bool is_file(const std::string& path) const {
        return std::any_of(context_.files.begin(), context_.files.end(),
                           [&](const dockerfile::ContextFile& file) { return file.path == path; });
    }

    // Files and folders of the context that a wildcard names: same depth, first parts of deeper files.
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

    std::vector<Source> sources_of(const dockerfile::Instruction& instruction) const {
        std::vector<Source> sources;
        for (std::size_t index = 0; index + 1 < instruction.words.size(); ++index) {
            std::string word = instruction.words[index];
            const bool remote =
                instruction.name == "ADD" && (word.find("://") != std::string::npos ||
                                              word.starts_with("git@") || is_archive(word));
            if (remote) continue;
            while (word.starts_with('/')) word.erase(0, 1);
            const auto path = base::normal_path(word);
            if (!path) continue;
            if (is_directory(*path) || is_file(*path)) {
                sources.push_back({*path, is_directory(*path)});
                continue;
            }
            const auto pattern = dockerfile::Pattern::compile(*path);
            if (!pattern || !pattern->has_wildcard()) continue;
            for (const std::string& match : expand(*pattern, *path))
                sources.push_back({match, is_directory(match)});
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
            model::CodeMapping mapping;
            mapping.from = join(context_.directory, source.path);
            mapping.to = source.directory || !into_directory
                             ? *target
                             : join(*target, base_name(source.path));
            if (const auto exclude = instruction.flag("exclude"))
                mapping.ignore.push_back(*exclude);
            if (source.directory) directories_.insert(*target);
            mappings.push_back(std::move(mapping));
        }
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
