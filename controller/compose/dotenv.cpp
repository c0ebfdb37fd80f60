// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/limits.hpp"

namespace trueup::compose {
namespace {

class Reader {
public:
    Reader(std::string_view text, const std::string& file, const Lookup& lookup)
        : rest_(text), file_(file), lookup_(lookup) {}

    Result<model::StringMap> run() {
        if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
        while (!rest_.empty() && problems_.empty()) read_line();
        if (!problems_.empty()) return Error(std::move(problems_));
        return std::move(values_);
    }

private:
    void fail(std::string message, std::string advice) {
        problems_.push_back({Position{file_, line_, 1}, std::move(message), std::move(advice)});
    }

    void advance(std::size_t count) {
        line_ += static_cast<std::uint32_t>(
            std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), '\n'));
        rest_.remove_prefix(count);
    }

    void skip_line() {
        const std::size_t end = rest_.find('\n');
        advance(end == std::string_view::npos ? rest_.size() : end + 1);
    }

    void read_line() {
        const std::size_t start = rest_.find_first_not_of(" \t\r");
        if (start == std::string_view::npos) {
            rest_ = {};
            return;
        }
        advance(start);
        if (rest_[0] == '\n' || rest_[0] == '#') {
            skip_line();
            return;
        }
        if (rest_.starts_with("export ")) advance(7);
        read_pair();
    }

    void read_pair() {
        const std::size_t end = rest_.find_first_of("=:\n");
        const std::string_view name = base::trim(rest_.substr(0, end));
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_part)) {
            // It is not shown: it may be a piece of a secret that spans lines.
            fail("this line does not start with a variable's name",
                 "write KEY=value, and quote values of several lines");
            return;
        }
        if (end == std::string_view::npos || rest_[end] == '\n') {
            if (const auto inherited = lookup_(std::string(name)))
                values_[std::string(name)] = *inherited;
            skip_line();
            return;
        }
        const std::string key(name);
        advance(end + 1);
        const std::size_t value_start = rest_.find_first_not_of(" \t");
        advance(value_start == std::string_view::npos ? rest_.size() : value_start);
        std::string value = read_value();
        produced_ += value.size();
        if (produced_ > Limits::assigned_bytes)
            fail("the values add up to more than 4 MiB", "is this the right file?");
        values_[key] = std::move(value);
    }

    std::string read_value() {
        if (rest_.starts_with('"') || rest_.starts_with('\'')) return read_quoted(rest_[0]);
        const std::size_t end = rest_.find('\n');
        std::string_view value = rest_.substr(0, end);
        // As Compose has it, a comment needs a blank before it, and no tab: "#ff0000" is a value.
        value = value.substr(0, value.find(" #"));
        std::string result = expand(std::string(base::trim(value)));
        skip_line();
        return result;
    }

    std::string read_quoted(char quote) {
        const std::uint32_t opened = line_;
        std::size_t end = 1;
        while (end < rest_.size() && rest_[end] != quote) end += rest_[end] == '\\' ? 2 : 1;
        if (end >= rest_.size()) {
            line_ = opened;
            fail("this quote is never closed", "close it, or quote the quote");
            return {};
        }
        const std::string raw(rest_.substr(1, end - 1));
        advance(end + 1);
        skip_line();
        if (quote == '\'') return unquote_single(raw);
        return expand(unescape(raw));
    }

    // Only the quote itself can be escaped.
    static std::string unquote_single(const std::string& raw) {
        std::string text;
        for (std::size_t index = 0; index < raw.size(); ++index) {
            if (raw[index] == '\\' && index + 1 < raw.size() && raw[index + 1] == '\'') ++index;
            text += raw[index];
        }
        return text;
    }

    // "\0" and three octal digits from `at`; nothing when it is none, or the character 0.
    static std::optional<char> octal(std::string_view raw, std::size_t at) {
        int value = 0;
        if (at + 4 > raw.size() || raw[at] != '0') return std::nullopt;
        for (const char digit : raw.substr(at + 1, 3)) {
            if (digit < '0' || digit > '7') return std::nullopt;
            value = value * 8 + (digit - '0');
        }
        if (value == 0 || value > 0x7F) return std::nullopt;
        return static_cast<char>(value);
    }

    static std::string unescape(const std::string& raw) {
        std::string text;
        for (std::size_t index = 0; index < raw.size(); ++index) {
            if (raw[index] != '\\' || index + 1 == raw.size()) {
                text += raw[index];
                continue;
            }
            const char next = raw[++index];
            if (const auto character = octal(raw, index)) {
                text += *character;
                index += 3;
                continue;
            }
            switch (next) {
                case 'a': text += '\a'; break;
                case 'b': text += '\b'; break;
                case 'f': text += '\f'; break;
                case 'v': text += '\v'; break;
                case 'n': text += '\n'; break;
                case 'r': text += '\r'; break;
                case 't': text += '\t'; break;
                case '$': text += "$$"; break;    // stays a dollar after expansion
                case '"':
                case '\\': text += next; break;
                default: (text += '\\') += next;
            }
        }
        return text;
    }

    std::string expand(std::string value) {
        if (value.find('$') == std::string::npos) return value;
        const Lookup lookup = [this](const std::string& name) -> std::optional<std::string> {
            if (auto outer = lookup_(name)) return outer;
            const auto found = values_.find(name);
            return found == values_.end() ? std::nullopt : std::optional(found->second);
        };
        auto result = substitute(value, lookup);
        if (!result) {
            fail(result.error().message(), "");
            return {};
        }
        return std::move(result->text);
    }

    static bool is_name_part(char letter) {
        const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9');
        return plain || static_cast<unsigned char>(letter) >= 0x80 ||
               std::string_view("_.-[]").find(letter) != std::string_view::npos;
    }

    std::string_view rest_;
    std::size_t produced_ = 0;
    const std::string& file_;
    const Lookup& lookup_;
    std::uint32_t line_ = 1;
    model::StringMap values_;
    Problems problems_;
};

}    // namespace

Result<model::StringMap> parse_dotenv(std::string_view text, const std::string& file,
                                      const Lookup& lookup) {
    if (const auto invalid = base::find_invalid_utf8(text)) {
        const auto line = static_cast<std::uint32_t>(
            std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*invalid), '\n') +
            1);
        return Error(Problems{
            {Position{file, line, 1}, "this is not valid UTF-8", "save the file as UTF-8 text"}});
    }
    if (const std::size_t null = text.find('\0'); null != std::string_view::npos) {
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(null);
        const auto line = static_cast<std::uint32_t>(std::count(text.begin(), end, '\n') + 1);
        return Error(Problems{{Position{file, line, 1}, "a zero byte: this is not a text file",
                               "is this the right file?"}});
    }
    return Reader(text, file, lookup).run();
}

Problem too_many_variables(Position position) {
    return {std::move(position),
            fmt::format("the files of variables of this project are more than {} MiB long",
                        Limits().variable_bytes >> 20U),
            ""};
}

}    // namespace trueup::compose
