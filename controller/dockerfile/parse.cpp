// SPDX-License-Identifier: Apache-2.0
// Lines -> instructions -> stages. Variables are followed in the order of the file: ARGs before the
// first FROM are for FROM lines (and for stages that repeat them), ENV and ARG of a stage for its
// COPY, ADD and WORKDIR.
#include "controller/dockerfile/parse.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/dockerfile/lines.hpp"

namespace trueup::dockerfile {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 18> known_instructions{
    "ADD",    "ARG",   "CMD",         "COPY",  "ENTRYPOINT", "ENV",
    "EXPOSE", "FROM",  "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN",    "SHELL", "STOPSIGNAL",  "USER",  "VOLUME",     "WORKDIR"};

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return result;
}

bool is_name_part(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

// Words split at blanks, quotes taken off, the escape character kept from splitting.
model::Strings split_words(std::string_view text, char escape) {
    model::Strings words;
    std::string word;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        if (letter == escape && quote != '\'' && at + 1 < text.size()) {
            word += text[++at];
            in_word = true;
        } else if (quote != '\0') {
            if (letter == quote)
                quote = '\0';
            else
                word += letter;
        } else if (letter == '"' || letter == '\'') {
            quote = letter;
            in_word = true;
        } else if (letter == ' ' || letter == '\t') {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else {
            word += letter;
            in_word = true;
        }
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

// ["a", "b"], or nothing when it is not a JSON list of strings.
std::optional<model::Strings> json_words(std::string_view text) {
    if (!text.starts_with('[')) return std::nullopt;
    boost::system::error_code code;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), code);
    if (code || !value.is_array()) return std::nullopt;
    model::Strings words;
    for (const json::value& item : value.as_array()) {
        if (!item.is_string()) return std::nullopt;
        words.emplace_back(item.as_string());
    }
    return words;
}

class Variables {
public:
    model::StringMap values;

    // $V, ${V}, ${V:-default}, ${V:+other}; `unresolved` gets the name of one without a value.
    std::string expand(std::string_view text, std::string* unresolved, int depth = 0) const {
        std::string result;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] != '$' || at + 1 >= text.size()) {
                result += text[at];
            } else if (text[at + 1] == '{') {
                const std::size_t end = text.find('}', at);
                if (end == std::string_view::npos) return result + std::string(text.substr(at));
                result += braced(text.substr(at + 2, end - at - 2), unresolved, depth);
                at = end;
            } else if (is_name_part(text[at + 1])) {
                std::size_t end = at + 1;
                while (end < text.size() && is_name_part(text[end])) ++end;
                result += value_of(std::string(text.substr(at + 1, end - at - 1)), unresolved);
                at = end - 1;
            } else {
                result += text[at];
            }
        }
        return result;
    }

    // A text that names a variable without a value has no known value either: the base image may
    // set it.
    void set(const std::string& name, std::string_view text) {
        std::string unresolved;
        std::string value = expand(text, &unresolved);
        if (unresolved.empty())
            values[name] = std::move(value);
        else
            values.erase(name);
    }

private:
    std::string value_of(const std::string& name, std::string* unresolved) const {
        const auto found = values.find(name);
        if (found != values.end()) return found->second;
        if (unresolved != nullptr && unresolved->empty()) *unresolved = name;
        return {};
    }

    std::string braced(std::string_view inside, std::string* unresolved, int depth) const {
        const std::size_t colon = inside.find(':');
        const std::string name(inside.substr(0, colon));
        if (colon == std::string_view::npos || colon + 1 >= inside.size() || depth > 8)
            return value_of(name, unresolved);
        const std::string_view other = inside.substr(colon + 2);
        const auto found = values.find(name);
        const bool present = found != values.end() && !found->second.empty();
        if (inside[colon + 1] == '+')
            return present ? expand(other, unresolved, depth + 1) : std::string();
        return present ? found->second : expand(other, unresolved, depth + 1);
    }
};

class Parser {
public:
    Parser(const std::string& file, const model::StringMap& build_args, char escape)
        : file_(file), build_args_(build_args), escape_(escape) {}

    void take(const LogicalLine& line) {
        Instruction instruction = split(line);
        if (std::find(known_instructions.begin(), known_instructions.end(), instruction.name) ==
            known_instructions.end()) {
            problem(instruction.position,
                    fmt::format("unknown instruction '{}'", instruction.name.substr(0, 40)),
                    base::suggest(instruction.name, known_instructions));
            return;
        }
        if (instruction.name == "FROM") return start_stage(instruction);
        if (result.stages.empty()) {
            if (instruction.name == "ARG") return take_argument(instruction, globals_, true);
            problem(instruction.position,
                    fmt::format("{} stands before the first FROM", instruction.name), "");
            return;
        }
        take_in_stage(std::move(instruction));
    }

    Dockerfile result;
    Problems problems;

private:
    void problem(Position position, std::string message, std::string advice) {
        problems.push_back({std::move(position), std::move(message), std::move(advice)});
    }

    Instruction split(const LogicalLine& line) const {
        Instruction instruction;
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
        auto from_json = json_words(rest);
        instruction.words = from_json ? std::move(*from_json) : split_words(rest, escape_);
        return instruction;
    }

    void start_stage(const Instruction& from) {
        if (from.words.empty()) return problem(from.position, "FROM names no image", "");
        Stage stage;
        stage.position = from.position;
        stage.base = globals_.expand(from.words[0], &stage.unresolved);
        if (from.words.size() >= 3 && upper(from.words[1]) == "AS") stage.name = from.words[2];
        if (stage.base.empty() || !stage.unresolved.empty()) {
            problem(
                from.position,
                fmt::format("FROM needs build argument '{}', which has no value", stage.unresolved),
                "give it a default with ARG, or set it under build.args");
        }
        result.stages.push_back(std::move(stage));
        locals_ = Variables();
    }

    void take_argument(const Instruction& instruction, Variables& variables, bool global) {
        for (const std::string& word : instruction.words) {
            const std::size_t equals = word.find('=');
            const std::string name = word.substr(0, equals);
            const auto given = build_args_.find(name);
            const auto outer = globals_.values.find(name);
            if (given != build_args_.end())
                variables.values[name] = given->second;
            else if (equals != std::string::npos)
                variables.set(name, word.substr(equals + 1));
            else if (!global && outer != globals_.values.end())
                variables.values[name] = outer->second;
        }
    }

    void take_environment(const Instruction& instruction) {
        if (instruction.words.empty()) return;
        if (instruction.words[0].find('=') ==
            std::string::npos) {    // the old form: ENV KEY value …
            locals_.set(instruction.words[0],
                        instruction.words.size() > 1 ? instruction.words[1] : "");
            return;
        }
        for (const std::string& word : instruction.words) {
            const std::size_t equals = word.find('=');
            if (equals != std::string::npos)
                locals_.set(word.substr(0, equals), word.substr(equals + 1));
        }
    }

    void take_in_stage(Instruction instruction) {
        if (instruction.name == "ARG") take_argument(instruction, locals_, false);
        if (instruction.name == "ENV") take_environment(instruction);
        const bool copies = instruction.name == "COPY" || instruction.name == "ADD";
        if (copies || instruction.name == "WORKDIR") {
            for (std::string& word : instruction.words) {
                std::string unresolved;
                std::string text = locals_.expand(word, &unresolved);
                if (unresolved.empty()) word = std::move(text);
            }
        }
        if (copies && instruction.words.size() < 2 && !instruction.has_heredoc) {
            problem(instruction.position,
                    fmt::format("{} needs a source and a destination", instruction.name), "");
        }
        result.stages.back().instructions.push_back(std::move(instruction));
    }

    const std::string& file_;
    const model::StringMap& build_args_;
    char escape_;
    Variables globals_;
    Variables locals_;
};

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

Result<Dockerfile> parse(std::string_view text, const std::string& file,
                         const model::StringMap& build_args) {
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
    for (const LogicalLine& line : lines->lines) parser.take(line);
    if (parser.problems.empty() && parser.result.stages.empty()) {
        parser.problems.push_back(
            {Position{file, 0, 0}, "there is no FROM in it", "is this a Dockerfile?"});
    }
    if (!parser.problems.empty()) return Error(std::move(parser.problems));
    return std::move(parser.result);
}

std::vector<BaseImage> base_images(const Dockerfile& dockerfile, const std::string& file) {
    std::vector<BaseImage> images;
    std::set<std::string> seen;
    const auto add = [&](const std::string& reference, const Position& position) {
        if (!reference.empty() && seen.insert(reference).second)
            images.push_back({reference, position});
    };
    add(dockerfile.syntax, Position{file, 1, 1});
    std::set<std::string> stages;
    for (const Stage& stage : dockerfile.stages) {
        if (stage.base != "scratch" && !stages.contains(stage.base))
            add(stage.base, stage.position);
        // COPY --from may name an image too; a number or a stage's name is none.
        for (const Instruction& instruction : stage.instructions) {
            const auto from = instruction.name == "COPY" ? instruction.flag("from") : std::nullopt;
            const bool number = from && from->find_first_not_of("0123456789") == std::string::npos;
            if (from && !number && !stages.contains(*from) && from->find('$') == std::string::npos)
                add(*from, instruction.position);
        }
        if (!stage.name.empty()) stages.insert(stage.name);
    }
    return images;
}

}    // namespace trueup::dockerfile
