// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/words.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <cctype>
#include <utility>

#include "controller/dockerfile/glob_text.hpp"

namespace trueup::dockerfile {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_word = 64U << 10U;
constexpr std::size_t longest_text = 1U << 20U;
constexpr int depth_limit = 10;

bool starts_name(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}
bool continues_name(char letter) { return starts_name(letter) || (letter >= '0' && letter <= '9'); }

class Lexer {
public:
    enum class Quotes { read, kept };
    Lexer(char escape, const model::StringMap* values, Quotes quotes = Quotes::read)
        : escape_(escape), values_(values), quotes_(quotes) {}

    std::string unresolved;
    std::optional<std::string> error;

    std::string run(std::string_view raw, int depth) {
        std::string text;
        for (std::size_t at = 0; at < raw.size() && !error;) {
            const char letter = raw[at];
            const bool quote = quotes_ == Quotes::read && (letter == '\'' || letter == '"');
            if (quote && letter == '\'') {
                const std::size_t end = std::min(raw.find('\'', at + 1), raw.size());
                text += raw.substr(at + 1, end - at - 1);
                at = end + 1;
            } else if (quote) {
                at = double_quoted(raw, at + 1, text, depth);
            } else if (letter == escape_) {
                if (at + 1 < raw.size()) text += raw[at + 1];
                at += 2;
            } else if (letter == '$' && values_ != nullptr) {
                text += variable(raw, at, depth);
            } else {
                text += letter;
                ++at;
            }
            check_length(text);
        }
        return text;
    }

private:
    void fail(std::string message) {
        if (!error) error = std::move(message);
    }

    void check_length(const std::string& text) {
        if (quotes_ == Quotes::read && text.size() > longest_word)
            fail("this is longer than 64 KiB with its variables");
        if (text.size() > longest_text) fail("this is longer than 1 MiB with its variables");
    }

    std::size_t double_quoted(std::string_view raw, std::size_t at, std::string& text, int depth) {
        while (at < raw.size() && raw[at] != '"' && !error) {
            const bool has_next = at + 1 < raw.size();
            if (raw[at] == escape_ && has_next) {
                const char next = raw[at + 1];
                if (next != '"' && next != '$' && next != escape_) text += escape_;
                text += next;
                at += 2;
            } else if (raw[at] == '$' && values_ != nullptr) {
                text += variable(raw, at, depth);
            } else {
                text += raw[at++];
            }
            check_length(text);
        }
        return at + 1;
    }

    // From "$" at `at`; moves `at` behind the variable.
    std::string variable(std::string_view raw, std::size_t& at, int depth) {
        const std::size_t start = at++;
        if (at < raw.size() && starts_name(raw[at])) {
            while (at < raw.size() && continues_name(raw[at])) ++at;
            return value(std::string(raw.substr(start + 1, at - start - 1)),
                         raw.substr(start, at - start));
        }
        if (at >= raw.size() || raw[at] != '{') return "$";
        const std::size_t end = closing(raw, at);
        const std::string_view written = raw.substr(start, end - start);
        if (end > raw.size() || depth >= depth_limit) {
            fail("a '${' that is not closed, or nested too deeply");
            return {};
        }
        at = end;
        return braced(written, depth);
    }

    // Behind the "}" that belongs to "{" at `at`; past the end when there is none.
    static std::size_t closing(std::string_view raw, std::size_t at) {
        int level = 0;
        for (; at < raw.size(); ++at) {
            if (raw[at] == '{') ++level;
            if (raw[at] == '}' && --level == 0) return at + 1;
        }
        return raw.size() + 1;
    }

    const std::string* find(const std::string& name) const {
        const auto found = values_->find(name);
        return found == values_->end() ? nullptr : &found->second;
    }

    std::string value(const std::string& name, std::string_view written) {
        const std::string* found = find(name);
        if (found != nullptr) return *found;
        if (unresolved.empty()) unresolved = name;
        return std::string(written);
    }

    // "${NAME…}"
    std::string braced(std::string_view written, int depth) {
        std::string_view rest = written.substr(2, written.size() - 3);
        std::size_t length = 0;
        while (length < rest.size() && continues_name(rest[length])) ++length;
        const std::string name(rest.substr(0, length));
        rest = rest.substr(length);
        if (rest.empty()) return value(name, written);
        const bool colon = rest.starts_with(':');
        if (colon) rest.remove_prefix(1);
        const char operation = rest.empty() ? '\0' : rest[0];
        const std::string* found = find(name);
        const bool present = found != nullptr && !(colon && found->empty());
        const std::string_view other = rest.empty() ? rest : rest.substr(1);
        if (operation == '-') return present ? *found : run(other, depth + 1);
        if (operation == '+') return present ? run(other, depth + 1) : std::string();
        if (operation == '?') {
            if (!present) fail(fmt::format("variable {} is required: {}", name, other));
            return present ? *found : std::string();
        }
        if (!colon && found != nullptr) {
            if (auto changed = by_pattern(*found, rest, depth)) return *changed;
        }
        if (unresolved.empty()) unresolved = name;
        return std::string(written);
    }

    // "#prefix", "%suffix", "/pattern/replacement"; nothing when it is none of them, or too long.
    std::optional<std::string> by_pattern(const std::string& text, std::string_view rest,
                                          int depth) {
        const char operation = rest.empty() ? '\0' : rest[0];
        if (operation != '#' && operation != '%' && operation != '/') return std::nullopt;
        if (rest.find(escape_) != rest.npos) return std::nullopt;
        const bool doubled = rest.size() > 1 && rest[1] == operation;
        rest.remove_prefix(doubled ? 2 : 1);
        if (operation != '/') {
            const auto pattern = GlobText::compile(run(rest, depth + 1));
            if (!pattern || text.size() > GlobText::longest_text) return std::nullopt;
            return operation == '#' ? pattern->without_prefix(text, doubled)
                                    : pattern->without_suffix(text, doubled);
        }
        const std::size_t slash = rest.find('/');
        const std::string_view other = slash == rest.npos ? "" : rest.substr(slash + 1);
        const auto pattern = GlobText::compile(run(rest.substr(0, slash), depth + 1));
        if (!pattern || text.size() > GlobText::longest_text) return std::nullopt;
        return pattern->replace(text, run(other, depth + 1), doubled);
    }

    char escape_;
    const model::StringMap* values_;
    Quotes quotes_;
};

}    // namespace

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return result;
}

model::Strings split_raw(std::string_view text, char escape) {
    model::Strings words;
    std::string word;
    char quote = '\0';
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        const bool blank = letter == ' ' || letter == '\t';
        if (blank && quote == '\0') {
            if (!word.empty()) words.push_back(std::exchange(word, {}));
            continue;
        }
        word += letter;
        if (letter == escape && quote != '\'' && at + 1 < text.size())
            word += text[++at];
        else if (quote == '\0' && (letter == '"' || letter == '\''))
            quote = letter;
        else if (letter == quote)
            quote = '\0';
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

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

Result<Expansion> expand(std::string_view raw, char escape, const model::StringMap& values) {
    Lexer lexer(escape, &values);
    Expansion result;
    result.text = lexer.run(raw, 0);
    if (lexer.error) return Error(Errc::invalid, *lexer.error);
    result.unresolved = std::move(lexer.unresolved);
    return result;
}

Result<Expansion> expand_text(std::string_view raw, char escape, const model::StringMap& values) {
    Lexer lexer(escape, &values, Lexer::Quotes::kept);
    Expansion result;
    result.text = lexer.run(raw, 0);
    if (lexer.error) return Error(Errc::invalid, *lexer.error);
    result.unresolved = std::move(lexer.unresolved);
    return result;
}

std::string unquote(std::string_view raw, char escape) {
    return Lexer(escape, nullptr).run(raw, 0);
}

}    // namespace trueup::dockerfile
