// SPDX-License-Identifier: Apache-2.0
// Lines -> instructions -> stages. Variables are followed in the order of the file: ARGs before the
// first FROM are for FROM lines (and for stages that repeat them), ENV and ARG of a stage for its
// COPY, ADD and WORKDIR and for the stages that start from it; the later of two wins, whichever it is.
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
constexpr std::size_t most_triggered = 10'000;
constexpr std::size_t most_expanded_bytes = 16U << 20U;
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
        if (!result.stages.empty() && instruction.name == "ONBUILD") take_trigger(line);
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
        instruction.heredocs = line.heredocs;
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

    using Expand = Result<Expansion>(std::string_view, char, const model::StringMap&);

    Expansion expanded(const Instruction& instruction, std::string_view raw,
                       const model::StringMap& values, Expand* how = expand) {
        if (expanded_bytes_ > most_expanded_bytes) return Expansion();
        auto expansion = how(raw, escape_, values);
        if (!expansion) {
            problem(instruction, expansion.error().message(), "");
            return Expansion();
        }
        expanded_bytes_ += expansion->text.size();
        if (expanded_bytes_ > most_expanded_bytes)
            problem(instruction, "with its variables this file is longer than 16 MiB", "");
        return std::move(*expansion);
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
        if (!result.stages.empty()) remember(result.stages.back().name);
        const auto parent = left_.find(lower(stage.base));
        const Left start = parent == left_.end() ? Left() : parent->second;
        variables_ = start.variables == nullptr ? model::StringMap() : *start.variables;
        triggers_.clear();
        result.stages.push_back(std::move(stage));
        if (start.triggers != nullptr) run_triggers(*start.triggers);
    }

    // What a stage leaves to those that start from it.
    struct Left {
        std::shared_ptr<const model::StringMap> variables;
        std::shared_ptr<const std::vector<LogicalLine>> triggers;
    };

    void remember(const std::string& name) {
        if (name.empty()) return;
        Left& left = left_[name];
        left.variables = std::make_shared<const model::StringMap>(std::move(variables_));
        left.triggers = std::make_shared<const std::vector<LogicalLine>>(std::move(triggers_));
    }

    void run_triggers(const std::vector<LogicalLine>& triggers) {
        for (const LogicalLine& line : triggers) {
            Raw raw = split(line);
            if (++triggered_ > most_triggered) {
                return problem(
                    raw.instruction,
                    fmt::format("ONBUILD adds more than {} instructions", most_triggered), "");
            }
            take_in_stage(std::move(raw));
        }
    }

    void take_trigger(const LogicalLine& line) {
        LogicalLine trigger = line;
        trigger.text =
            base::trim(std::string_view(line.text).substr(std::string_view("ONBUILD").size()));
        const Raw raw = split(trigger);
        const std::string& name = raw.instruction.name;
        if (name == "FROM" || name == "ONBUILD" || name == "MAINTAINER" || name.empty())
            return problem(raw.instruction, fmt::format("ONBUILD takes no '{}'", name), "");
        triggers_.push_back(std::move(trigger));
    }

    void take_argument(const Raw& raw, model::StringMap& target, const model::StringMap* outer) {
        for (const std::string& word : raw.instruction.words) {
            const std::size_t equals = word.find('=');
            const std::string name = unquote(word.substr(0, equals), escape_);
            const auto given = build_args_.find(name);
            if (given != build_args_.end()) {
                target[name] = given->second;
            } else if (equals != std::string::npos) {
                target[name] =
                    expanded(raw.instruction, std::string_view(word).substr(equals + 1), target)
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
        if (words[0].find('=') == std::string::npos) {    // the old form: ENV KEY any text
            const std::string_view rest = base::trim(raw.rest.substr(words[0].size()));
            variables_[words[0]] = expanded(raw.instruction, rest, variables_).text;
        } else {
            const model::StringMap values = variables_;
            for (const std::string& word : words) {
                const std::size_t equals = word.find('=');
                if (equals == std::string::npos) continue;
                const std::string_view value = std::string_view(word).substr(equals + 1);
                variables_[unquote(word.substr(0, equals), escape_)] =
                    expanded(raw.instruction, value, values).text;
            }
        }
        check_size(raw.instruction, variables_);
    }

    void check_size(const Instruction& instruction, const model::StringMap& values) {
        if (bytes_of(values) > most_variable_bytes)
            problem(instruction, "the variables of this stage are longer than 256 KiB", "");
    }

    void take_in_stage(Raw raw) {
        if (problems.size() >= most_problems) return;
        Instruction& instruction = raw.instruction;
        if (instruction.name == "ARG") take_argument(raw, variables_, &globals_);
        if (instruction.name == "ENV") take_environment(raw);
        const bool copies = instruction.name == "COPY" || instruction.name == "ADD";
        const bool expands = copies || instruction.name == "WORKDIR";
        if (expands) {
            for (std::string& word : instruction.words)
                word = expanded(instruction, word, variables_).text;
            if (copies) expand_heredocs(instruction);
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

    // What is left unknown stays one that expands.
    void expand_heredocs(Instruction& instruction) {
        for (Heredoc& heredoc : instruction.heredocs) {
            if (!heredoc.expands) continue;
            Expansion expansion = expanded(instruction, heredoc.content, variables_, expand_text);
            if (!expansion.unresolved.empty()) continue;
            heredoc.content = std::move(expansion.text);
            heredoc.expands = false;
        }
    }

    const std::string& file_;
    const model::StringMap& build_args_;
    char escape_;
    model::StringMap globals_;
    model::StringMap variables_;           // of this stage
    std::vector<LogicalLine> triggers_;    // its ONBUILDs, without that word
    std::map<std::string, Left> left_;     // by a stage's name
    std::size_t triggered_ = 0;
    std::size_t expanded_bytes_ = 0;
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
