// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "controller/base/text.hpp"
#include "controller/dockerfile/parse.hpp"
#include "controller/dockerfile/words.hpp"

namespace trueup::dockerfile {
namespace {

// The images or stages an instruction takes files from: COPY --from, RUN --mount=…,from=….
model::Strings sources_of(const Instruction& instruction) {
    model::Strings sources;
    if (instruction.name == "COPY") {
        if (const auto from = instruction.flag("from")) sources.push_back(*from);
    }
    if (instruction.name != "RUN") return sources;
    for (const std::string& flag : instruction.flags) {
        constexpr std::string_view mount = "--mount=";
        if (!flag.starts_with(mount)) continue;
        for (const std::string_view part :
             base::split(std::string_view(flag).substr(mount.size()), ',')) {
            if (part.starts_with("from=")) sources.emplace_back(part.substr(5));
        }
    }
    return sources;
}

}    // namespace

std::optional<std::string> Instruction::flag(std::string_view flag_name) const {
    for (const std::string& text : flags) {
        const std::size_t equals = text.find('=');
        if (text.substr(2, equals == std::string::npos ? equals : equals - 2) != flag_name)
            continue;
        return equals == std::string::npos ? "true" : text.substr(equals + 1);
    }
    return std::nullopt;
}

std::vector<BaseImage> base_images(const Dockerfile& dockerfile, const std::string& file) {
    std::vector<BaseImage> images;
    std::set<std::string> seen;
    const auto add = [&](const std::string& reference, const Position& position) {
        if (!reference.empty() && seen.insert(reference).second)
            images.push_back({reference, position});
    };
    add(dockerfile.syntax, Position{file, dockerfile.syntax_line, 1});
    std::set<std::string> stages{"scratch"};
    for (const Stage& stage : dockerfile.stages) {
        if (!stages.contains(lower(stage.base))) add(stage.base, stage.position);
        // A number or a stage's name is no image.
        for (const Instruction& instruction : stage.instructions) {
            for (const std::string& source : sources_of(instruction)) {
                const bool number = source.find_first_not_of("0123456789") == std::string::npos;
                const bool known = number || stages.contains(lower(source)) ||
                                   source.find('$') != std::string::npos;
                if (!known) add(source, instruction.position);
            }
        }
        if (!stage.name.empty()) stages.insert(stage.name);
    }
    return images;
}

}    // namespace trueup::dockerfile
