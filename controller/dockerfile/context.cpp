// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::dockerfile {
namespace {

constexpr std::size_t text_limit = 1U << 20U;
constexpr std::size_t longest_path = 4096;    // bounds the depth of the walk too
constexpr std::size_t file_limit = 100'000;

std::string join(std::string_view directory, std::string_view path) {
    if (path.empty()) return std::string(directory);
    return directory.empty() ? std::string(path) : fmt::format("{}/{}", directory, path);
}

// A link's target read as a file's text would be misread.
Result<std::string> read_text(const model::Tree& tree, const std::string& path) {
    const auto entry = tree.stat(path);
    if (!entry) return entry.error();
    if (entry->kind == model::EntryKind::symlink) {
        return Error(Errc::invalid,
                     fmt::format("{} is a symbolic link, which is not supported yet", path));
    }
    return tree.read(path, text_limit);
}

class Walk {
public:
    Walk(const model::Tree& tree, const Context& context, const Position& position)
        : tree_(tree), context_(context), position_(position) {}

    Problems problems;
    std::vector<ContextFile> files;

    void directory(const std::string& path, const Ignore::State& state) {
        const auto entries = tree_.list(join(context_.directory, path));
        if (!entries) {
            problems.push_back({position_, entries.error().message(), ""});
            return;
        }
        for (const model::TreeEntry& entry : *entries) {
            if (!problems.empty()) return;
            take(join(path, entry.name), entry, state);
        }
    }

private:
    void take(const std::string& path, const model::TreeEntry& entry, const Ignore::State& parent) {
        if (is_byte_code(path)) return;
        if (path.size() > longest_path) {
            problems.push_back({position_, "a path in the build context is longer than 4096 bytes",
                                "exclude it in .dockerignore"});
            return;
        }
        const Ignore::State state = context_.ignore.enter(path, parent);
        const bool excluded = context_.ignore.excluded(state);
        if (entry.kind == model::EntryKind::directory) {
            if (!excluded || context_.ignore.has_exceptions()) directory(path, state);
            return;
        }
        if (excluded) return;
        if (entry.kind == model::EntryKind::submodule) {
            problems.push_back({position_,
                                fmt::format("'{}' in the build context is a git submodule, which "
                                            "is not supported yet by this version",
                                            path),
                                "exclude it in .dockerignore"});
            return;
        }
        if (files.size() >= file_limit) {
            problems.push_back({position_,
                                fmt::format("the build context has more than {} files", file_limit),
                                "exclude some in .dockerignore"});
            return;
        }
        ContextFile file{path, join(context_.directory, path), entry.kind, entry.object_id, ""};
        if (entry.kind == model::EntryKind::symlink) {
            auto target = tree_.read(file.tree_path, longest_path);
            if (!target) return problems.push_back({position_, target.error().message(), ""});
            file.target = std::move(*target);
        }
        files.push_back(std::move(file));
    }

    const model::Tree& tree_;
    const Context& context_;
    const Position& position_;
};

Error problem_at(const Position& position, std::string message, std::string advice) {
    return Error(Problems{{position, std::move(message), std::move(advice)}});
}

Result<void> read_dockerfile(const model::Service& service, const model::Tree& tree,
                             Context& context) {
    const model::Build& build = *service.build;
    if (!build.dockerfile_inline.empty()) {
        context.dockerfile_text = build.dockerfile_inline;
        context.dockerfile_path = "(inline)";
        return Result<void>();
    }
    const auto path = base::normal_path(join(build.context, build.dockerfile));
    if (!path || build.dockerfile.starts_with('/'))
        return problem_at(service.position,
                          fmt::format("service {}: the Dockerfile '{}' is outside the commit",
                                      service.name, build.dockerfile),
                          "");
    auto text = read_text(tree, *path);
    if (!text && text.error().code() != Errc::not_found)
        return problem_at(service.position,
                          fmt::format("service {}: {}", service.name, text.error().message()), "");
    if (!text) {
        return problem_at(service.position,
                          fmt::format("service {}: there is no Dockerfile at '{}' in the commit",
                                      service.name, *path),
                          "check build.context and build.dockerfile");
    }
    context.dockerfile_text = std::move(*text);
    context.dockerfile_path = *path;
    const std::string prefix = context.directory.empty() ? std::string() : context.directory + "/";
    if (path->starts_with(prefix)) context.dockerfile_in_context = path->substr(prefix.size());
    return Result<void>();
}

// `<Dockerfile>.dockerignore` beside the Dockerfile wins over the context's .dockerignore.
Result<void> read_ignore(const model::Tree& tree, Context& context) {
    for (const std::string& path :
         {context.dockerfile_path + ".dockerignore", join(context.directory, ".dockerignore")}) {
        if (!tree.stat(path)) continue;
        const auto text = read_text(tree, path);
        if (!text) return problem_at(Position{path, 0, 0}, text.error().message(), "");
        auto ignore = Ignore::parse(*text, path);
        if (!ignore) return ignore.error();
        context.ignore = std::move(*ignore);
        break;
    }
    return Result<void>();
}

}    // namespace

bool is_byte_code(std::string_view path) {
    if (path.ends_with(".pyc") || path.ends_with(".pyo")) return true;
    const std::size_t slash = path.rfind('/');
    return (slash == std::string_view::npos ? path : path.substr(slash + 1)) == "__pycache__";
}

Result<Context> read_context(const model::Service& service, const model::Tree& tree) {
    Context context;
    context.directory = service.build->context;
    const auto entry = tree.stat(context.directory);
    if (!entry || entry->kind != model::EntryKind::directory) {
        return problem_at(
            service.position,
            fmt::format("service {}: the build context '{}' is no folder of the commit",
                        service.name, context.directory),
            "check build.context");
    }
    const auto dockerfile = read_dockerfile(service, tree, context);
    if (!dockerfile) return dockerfile.error();
    auto parsed = parse(context.dockerfile_text, context.dockerfile_path, service.build->args);
    if (!parsed) return parsed.error();
    context.dockerfile = std::move(*parsed);
    const auto ignore = read_ignore(tree, context);
    if (!ignore) return ignore.error();
    Walk walk(tree, context, service.position);
    walk.directory("", Ignore::State());
    if (!walk.problems.empty()) return Error(std::move(walk.problems));
    context.files = std::move(walk.files);
    std::sort(
        context.files.begin(), context.files.end(),
        [](const ContextFile& left, const ContextFile& right) { return left.path < right.path; });
    return context;
}

}    // namespace trueup::dockerfile
