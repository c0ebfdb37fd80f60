// SPDX-License-Identifier: Apache-2.0
// Lines -> instructions -> stages. Variables are followed in the order of the file: ARGs before the
// first FROM are for FROM lines (and for stages that repeat them), ENV and ARG of a stage for its
// COPY, ADD and WORKDIR.
#include "controller/dockerfile/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/dockerfile/lines.hpp"
#include "controller/dockerfile/words.hpp"

namespace trueup::dockerfile {
namespace {

constexpr std::array<std::string_view, 18> known_instructions{
    "ADD",    "ARG",   "CMD",         "COPY",  "ENTRYPOINT", "ENV",
    "EXPOSE", "FROM",  "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN",    "SHELL", "STOPSIGNAL",  "USER",  "VOLUME",     "WORKDIR"};

constexpr std::size_t text_limit = 1U << 20U;
constexpr std::size_t most_stages = 200;
constexpr std::size_t most_problems = 200;
constexpr std::size_t most_variable_bytes = 256U << 10U;

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return result;
}

bool is_stage_name(std::string_view name) {
    const auto letter = [](char it) { return it >= 'a' && it <= 'z'; };
    const auto inner = [&](char it) {
        return letter(it) || (it >= '0' && it <= '9') || it == '-' || it == '_' || it == '.';
    };
    return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), inner);
}

std::size_t bytes_of(const model::StringMap& values) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : values) bytes += name.size() + value.size();
    return bytes;
}

// What an instruction's text says, before quotes and variables.
struct Raw {
    Instruction instruction;
    std::string_view rest;    // behind the flags
    bool json = false;
};

class Parser {
public:
    Parser(const std::string& file, const model::StringMap& build_args, char escape)
        : file_(file), build_args_(build_args), escape_(escape) {}

    void take(const LogicalLine& line) {
        Raw raw = split(line);
        const Instruction& instruction = raw.instruction;
        if (std::find(known_instructions.begin(), known_instructions.end(), instruction.name) ==
            known_instructions.end()) {
            return problem(instruction,
                           fmt::format("unknown instruction '{}'", instruction.name.substr(0, 40)),
                           base::suggest(instruction.name, known_instructions));
        }
        if (instruction.name == "FROM") return start_stage(raw);
        if (!result.stages.empty()) return take_in_stage(std::move(raw));
        if (instruction.name == "ARG") return take_argument(raw, globals_, nullptr);
        problem(instruction, fmt::format("{} stands before the first FROM", instruction.name), "");
    }

    Dockerfile result;
    Problems problems;

private:
    void problem(const Instruction& instruction, std::string message, std::string advice) {
        problems.push_back({instruction.position, std::move(message), std::move(advice)});
    }

    Raw split(const LogicalLine& line) const {
        Raw raw;
        Instruction& instruction = raw.instruction;
        instruction.position = Position{file_, line.line, 1};
        instruction.has_heredoc = line.has_heredoc;
        std::string_view rest = line.text;
        const std::size_t end = rest.find_first_of(" \t");
        instruction.name = upper(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : base::trim(rest.substr(end));
        while (rest.starts_with("--")) {
            const std::size_t flag_end = rest.find_first_of(" \t");
            instruction.flags.emplace_back(rest.substr(0, flag_end));
            rest = flag_end == std::string_view::npos ? std::string_view()
                                                      : base::trim(rest.substr(flag_end));
        }
        raw.rest = rest;
        auto from_json = json_words(rest);
        raw.json = from_json.has_value();
        instruction.words = from_json ? std::move(*from_json) : split_raw(rest, escape_);
        return raw;
    }

    Expansion expanded(const Instruction& instruction, std::string_view raw,
                       const model::StringMap& values) {
        auto expansion = expand(raw, escape_, values);
        if (expansion) return std::move(*expansion);
        problem(instruction, expansion.error().message(), "");
        return Expansion();
    }

    void start_stage(const Raw& raw) {
        const Instruction& from = raw.instruction;
        const model::Strings& words = from.words;
        const bool named = words.size() == 3 && upper(words[1]) == "AS";
        if (words.size() != 1 && !named)
            return problem(from, "FROM takes an image, or an image AS a name", "");
        if (result.stages.size() >= most_stages)
            return problem(from, fmt::format("more than {} stages", most_stages), "");
        Stage stage;
        stage.position = from.position;
        Expansion base = expanded(from, words[0], globals_);
        stage.base = std::move(base.text);
        stage.unresolved = std::move(base.unresolved);
        if (!stage.unresolved.empty()) {
            problem(
                from,
                fmt::format("FROM needs build argument '{}', which has no value", stage.unresolved),
                "give it a default with ARG, or set it under build.args");
        } else if (stage.base.empty()) {
            problem(from, "FROM names no image", "");
        }
        if (named) stage.name = lower(words[2]);
        if (named && !is_stage_name(stage.name))
            problem(from, fmt::format("'{}' is no name of a stage", words[2]),
                    "a letter, then letters, digits, '-', '_' and '.'");
        // A stage goes on with the variables of the stage it starts from, but for its arguments.
        arguments_.clear();
        const auto parent = environments_.find(lower(stage.base));
        environment_ = parent == environments_.end() ? model::StringMap() : *parent->second;
        result.stages.push_back(std::move(stage));
        remember();
    }

    void remember() {
        const std::string& name = result.stages.back().name;
        if (!name.empty())
            environments_[name] = std::make_shared<const model::StringMap>(environment_);
    }

    // ENV wins over ARG, wherever it stands.
    model::StringMap visible() const {
        model::StringMap values = environment_;
        values.insert(arguments_.begin(), arguments_.end());
        return values;
    }

    void take_argument(const Raw& raw, model::StringMap& target, const model::StringMap* outer) {
        for (const std::string& word : raw.instruction.words) {
            const std::size_t equals = word.find('=');
            const std::string name = unquote(word.substr(0, equals), escape_);
            const auto given = build_args_.find(name);
            if (given != build_args_.end()) {
                target[name] = given->second;
            } else if (equals != std::string::npos) {
                const model::StringMap values = outer == nullptr ? target : visible();
                target[name] =
                    expanded(raw.instruction, std::string_view(word).substr(equals + 1), values)
                        .text;
            } else if (outer != nullptr && outer->contains(name)) {
                target[name] = outer->at(name);
            }
        }
        check_size(raw.instruction, target);
    }

    // All values of one ENV see the variables as they were before it.
    void take_environment(const Raw& raw) {
        const model::Strings& words = raw.instruction.words;
        if (words.empty()) return;
        const model::StringMap values = visible();
        if (words[0].find('=') == std::string::npos) {    // the old form: ENV KEY any text
            const std::string_view rest = base::trim(raw.rest.substr(words[0].size()));
            environment_[words[0]] = expanded(raw.instruction, rest, values).text;
        } else {
            for (const std::string& word : words) {
                const std::size_t equals = word.find('=');
                if (equals == std::string::npos) continue;
                const std::string_view value = std::string_view(word).substr(equals + 1);
                environment_[unquote(word.substr(0, equals), escape_)] =
                    expanded(raw.instruction, value, values).text;
            }
        }
        check_size(raw.instruction, environment_);
        remember();
    }

    void check_size(const Instruction& instruction, const model::StringMap& values) {
        if (bytes_of(values) > most_variable_bytes)
            problem(instruction, "the variables of this stage are longer than 256 KiB", "");
    }

    void take_in_stage(Raw raw) {
        if (problems.size() >= most_problems) return;
        Instruction& instruction = raw.instruction;
        if (instruction.name == "ARG") take_argument(raw, arguments_, &globals_);
        if (instruction.name == "ENV") take_environment(raw);
        const bool copies = instruction.name == "COPY" || instruction.name == "ADD";
        const bool expands = copies || instruction.name == "WORKDIR";
        if (expands) {
            const model::StringMap values = visible();
            for (std::string& word : instruction.words)
                word = expanded(instruction, word, values).text;
        } else if (!raw.json) {
            for (std::string& word : instruction.words) word = unquote(word, escape_);
        }
        if (copies && instruction.words.size() < 2) {
            problem(instruction,
                    fmt::format("{} needs a source and a destination", instruction.name), "");
        }
        if (instruction.name == "WORKDIR" && instruction.words.size() != 1)
            problem(instruction, "WORKDIR takes one path", "");
        result.stages.back().instructions.push_back(std::move(instruction));
    }

    const std::string& file_;
    const model::StringMap& build_args_;
    char escape_;
    model::StringMap globals_;
    model::StringMap arguments_;
    model::StringMap environment_;
    std::map<std::string, std::shared_ptr<const model::StringMap>> environments_;    // of stages
};

}    // namespace

Result<Dockerfile> parse(std::string_view text, const std::string& file,
                         const model::StringMap& build_args) {
    if (text.size() > text_limit) {
        return Error(Problems{
            {Position{file, 0, 0}, "a Dockerfile of more than 1 MiB", "is this the right file?"}});
    }
    if (const auto invalid = base::find_invalid_utf8(text)) {
        const auto line = static_cast<std::uint32_t>(
            std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*invalid), '\n') +
            1);
        return Error(Problems{
            {Position{file, line, 1}, "this is not valid UTF-8", "is this the right file?"}});
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    auto lines = join_lines(text, file);
    if (!lines) return lines.error();
    Parser parser(file, build_args, lines->escape);
    parser.result.syntax = lines->syntax;
    parser.result.syntax_line = lines->syntax_line;
    for (const LogicalLine& line : lines->lines) parser.take(line);
    if (parser.problems.empty() && parser.result.stages.empty()) {
        parser.problems.push_back(
            {Position{file, 0, 0}, "there is no FROM in it", "is this a Dockerfile?"});
    }
    if (!parser.problems.empty()) return Error(std::move(parser.problems));
    return std::move(parser.result);
}

}    // namespace trueup::dockerfile
