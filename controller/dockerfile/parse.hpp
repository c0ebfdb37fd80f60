// SPDX-License-Identifier: Apache-2.0
// Reads a Dockerfile as far as trueup needs it: stages and their bases, where files are copied to.
// Reference: Dockerfile reference (parser directives, continuation, heredocs, ARG and ENV). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.hpp"
#include "controller/dockerfile/lines.hpp"
#include "controller/model/project.hpp"

namespace trueup::dockerfile {

struct Instruction {
    std::string name;        // upper case
    model::Strings flags;    // "--from=build"
    model::Strings words;    // the rest; of a JSON form its elements
    std::vector<Heredoc> heredocs;
    Position position;    // of an ONBUILD's: where the ONBUILD stands

    bool operator==(const Instruction&) const = default;
    // The value of "--name=value"; "true" for a bare "--name"; nothing when absent.
    std::optional<std::string> flag(std::string_view flag_name) const;
};

struct Stage {
    std::string base;    // with ARGs resolved
    std::string name;    // AS name, lower case; "" = none
    Position position;
    // Those that ONBUILD of the stage it starts from adds come first. Words of WORKDIR, COPY and ADD
    // have their variables in; one that the base image may set stays as written ("$HOME/app").
    std::vector<Instruction> instructions;
    std::string unresolved;    // a variable in FROM that has no value, "" = none
};

struct Dockerfile {
    std::string syntax;    // of "# syntax=", "" = none
    std::uint32_t syntax_line = 0;
    std::vector<Stage> stages;
};

// Errc::invalid with every problem, each at its line of `file`.
Result<Dockerfile> parse(std::string_view text, const std::string& file,
                         const model::StringMap& build_args);

// The images that must be on the engine before a build: bases that are no stages and not scratch, and
// the syntax image; each once, with the line that names it.
struct BaseImage {
    std::string reference;
    Position position;
};
std::vector<BaseImage> base_images(const Dockerfile& dockerfile, const std::string& file);

}    // namespace trueup::dockerfile
