// SPDX-License-Identifier: Apache-2.0
// The stage that is built, and before it each stage that it starts or copies from, once.
#include "controller/dockerfile/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "controller/dockerfile/copy.hpp"
#include "controller/dockerfile/mounts.hpp"
#include "controller/dockerfile/words.hpp"

namespace trueup::dockerfile {
namespace {

using Origin = Untraced::Origin;

StageFiles files_of(const Context& context) {
    StageFiles files;
    files.whole = true;
    for (const ContextFile& each : context.files) {
        TracedFile file;
        file.object_id = each.object_id;
        file.commit_path = each.tree_path;
        file.executable = each.kind == model::EntryKind::executable;
        file.symlink = each.kind == model::EntryKind::symlink;
        file.target = each.target;
        files.put("/" + each.path, std::move(file));
    }
    return files;
}

class Tracer {
public:
    Tracer(const Context& context, const model::Build& build)
        : stages_(context.dockerfile.stages),
          build_(build),
          context_files_(files_of(context)),
          done_(stages_.size()) {
        context_.files = &context_files_;
        context_.directory = context.directory;
    }

    Trace run() {
        Trace trace;
        const auto last = built_stage();
        if (!last) return trace;
        const StageState& state = stage(*last);
        if (budget_.spent) {
            Problem problem{
                stages_[*last].position,
                "which files of the commit end up in this image takes too many steps to "
                "follow",
                "say it in spec.code"};
            trace.untraced.push_back({Origin::commit, std::move(problem)});
            return trace;
        }
        trace.files = state.files.files();
        for (auto& [path, file] : trace.files) add_changers(state, file);
        trace.base = base_of(*last);
        for (const auto& [path, root] : state.roots) {
            const auto [first, end] = state.files.below(path);
            if (first != end) trace.roots.push_back(root);
        }
        trace.untraced = state.untraced;
        return trace;
    }

private:
    std::optional<std::size_t> built_stage() const {
        if (build_.target.empty()) return stages_.size() - 1;
        const bool number = build_.target.find_first_not_of("0123456789") == std::string::npos;
        if (auto named = stage_named(build_.target, stages_.size())) return named;
        if (number && build_.target.size() < 4 && std::stoul(build_.target) < stages_.size())
            return std::stoul(build_.target);
        return std::nullopt;    // the builder refuses it
    }

    // The last one before `end` that is called so.
    std::optional<std::size_t> stage_named(const std::string& name, std::size_t end) const {
        for (std::size_t index = end; index-- > 0;) {
            if (!name.empty() && stages_[index].name == lower(name)) return index;
        }
        return std::nullopt;
    }

    // What --from=NAME, or a number, means in the stage `index`.
    std::optional<std::size_t> stage_of(const std::string& name, std::size_t index) const {
        if (const auto named = stage_named(name, index)) return named;
        const bool number = name.find_first_not_of("0123456789") == std::string::npos;
        if (number && !name.empty() && name.size() < 4 && std::stoul(name) < index)
            return std::stoul(name);
        return std::nullopt;
    }

    const StageState& stage(std::size_t index) {
        if (done_[index] == nullptr) {
            auto state = std::make_unique<StageState>(start_of(index));
            for (const Instruction& instruction : stages_[index].instructions) {
                if (budget_.spent) break;
                take(instruction, index, *state);
            }
            done_[index] = std::move(state);
        }
        return *done_[index];
    }

    StageState start_of(std::size_t index) {
        const std::string& base = stages_[index].base;
        StageState state;
        if (const auto parent = stage_named(base, index)) {
            const StageState& before = stage(*parent);
            if (budget_.file(before.files.files().size())) state = before;
            return state;
        }
        if (base == "scratch") {
            state.files.whole = true;
            state.directory = "/";
        }
        return state;
    }

    void take(const Instruction& instruction, std::size_t index, StageState& state) {
        if (instruction.name == "RUN") {
            see_mounts(instruction, index, state);
            state.runs.push_back(instruction.position.line);
            state.files.whole = false;
        }
        if (instruction.name == "WORKDIR" && !instruction.words.empty())
            change_directory(instruction.words[0], state);
        const bool copies = instruction.name == "COPY" || instruction.name == "ADD";
        if (copies && instruction.words.size() >= 2) copy(instruction, index, state);
    }

    BaseImage base_of(std::size_t index) const {
        while (const auto parent = stage_named(stages_[index].base, index)) index = *parent;
        if (stages_[index].base == "scratch") return {};
        return {stages_[index].base, stages_[index].position};
    }

    // A bind mount shows a RUN what lies in the context or in another stage; where that copies it to,
    // nobody knows.
    void see_mounts(const Instruction& run, std::size_t index, StageState& state) {
        for (const BindMount& mount : bind_mounts(run)) {
            const auto source = mount.from.empty() ? std::nullopt : stage_of(mount.from, index);
            if (!mount.from.empty() && !source) continue;    // another image
            const StageFiles& files = source ? stage(*source).files : context_files_;
            add_seen(run, files, mount, state);
        }
    }

    void add_seen(const Instruction& run, const StageFiles& files, const BindMount& mount,
                  StageState& state) {
        const bool known = mount.source.find('$') == std::string::npos;
        const auto path = files.resolve(absolute_path("/", known ? mount.source : "/"));
        if (!path) return;
        const auto [first, end] = files.below(*path);
        model::Strings seen;
        for (auto entry = first; entry != end; ++entry) {
            if (!budget_.file()) return;
            seen.push_back(entry->second.commit_path);
        }
        if (seen.empty()) return;
        const std::size_t before = state.untraced.size();
        add_untraced(state, Origin::mount, run,
                     fmt::format("--mount shows it {} of the commit, and what it copies of that is "
                                 "not followed",
                                 mount.source.empty() ? "all files" : mount.source),
                     "COPY what belongs into the image");
        if (state.untraced.size() > before) state.untraced.back().seen = std::move(seen);
    }

    static void change_directory(const std::string& path, StageState& state) {
        const bool known = path.starts_with('/') || state.directory;
        const bool variable = path.find('$') != std::string::npos;
        if (!known || variable) {
            state.directory.reset();
            return;
        }
        state.directory = absolute_path(state.directory.value_or("/"), path);
        if (const auto folder = state.files.resolve(*state.directory))
            state.files.make_folder(*folder);
    }

    void copy(const Instruction& instruction, std::size_t index, StageState& state) {
        const auto from = instruction.flag("from");
        if (!from || instruction.name != "COPY")
            return carry_out(instruction, context_, state, budget_);
        const auto source = stage_of(*from, index);
        if (!source) return copy_from_image(instruction, *from, state);
        CopyFrom other;
        other.stage = &stage(*source);
        other.files = &other.stage->files;
        other.name = *from;
        carry_out(instruction, other, state, budget_);
    }

    void copy_from_image(const Instruction& instruction, const std::string& image,
                         StageState& state) {
        const std::string& written = instruction.words.back();
        if (written.starts_with('/') || state.directory)
            budget_.step(state.files.doubt(absolute_path(state.directory.value_or("/"), written),
                                           instruction.position.line));
        add_untraced(state, Origin::elsewhere, instruction,
                     fmt::format("image {} is no file of the commit", image), "");
    }

    const std::vector<Stage>& stages_;
    const model::Build& build_;
    StageFiles context_files_;
    CopyFrom context_;
    std::vector<std::unique_ptr<StageState>> done_;
    Budget budget_;
};

}    // namespace

Trace trace(const Context& context, const model::Build& build) {
    return Tracer(context, build).run();
}

}    // namespace trueup::dockerfile
