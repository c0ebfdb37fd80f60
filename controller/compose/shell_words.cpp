// SPDX-License-Identifier: Apache-2.0
// Compose's own way to split, which is a shell's in part only: a backslash takes the next character as it
// is within double quotes too, and `…` and $(…) are pieces of a word. Where it would stop reading, at an
// operator, the rest of the command would be lost without a word, so that is refused.
#include "controller/compose/shell_words.hpp"

#include <fmt/format.h>

#include <utility>

namespace trueup::compose {
namespace {

constexpr std::string_view operators = ";&|<>";

class Splitter {
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    Result<model::Strings> run() {
        for (; at_ < text_.size() && problem_.empty(); ++at_) read(text_[at_]);
        if (problem_.empty() && escaped_) problem_ = "a backslash stands at the end";
        if (problem_.empty() && (single_ || double_)) problem_ = "a quote is never closed";
        if (problem_.empty() && (back_ || dollar_)) problem_ = "a ` or $( is never closed";
        if (!problem_.empty()) return Error(Errc::invalid, problem_);
        finish();
        return std::move(words_);
    }

private:
    void read(char letter) {
        const bool blank = letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
        if (std::exchange(escaped_, false)) {
            add(letter);
        } else if (letter == '\\' && !single_) {
            escaped_ = true;
        } else if (blank) {
            if (single_ || double_ || back_ || dollar_)
                word_ += letter;
            else
                finish();
        } else if (letter == '"' && !single_ && !dollar_) {
            double_ = !double_;
            in_word_ = true;
        } else if (letter == '\'' && !double_ && !dollar_) {
            single_ = !single_;
            in_word_ = true;
        } else {
            mark(letter);
            add(letter);
        }
    }

    // What a shell would do something with.
    void mark(char letter) {
        if (single_ || double_) return;
        if (letter == '`' && !dollar_) back_ = !back_;
        if (back_) return;
        const bool opens = letter == '(' && !dollar_ && word_.ends_with('$');
        const bool closes = letter == ')' && dollar_;
        if (opens || closes)
            dollar_ = opens;
        else if (letter == '(' || letter == ')')
            problem_ = fmt::format("'{}' is of a shell, and none reads this", letter);
        else if (!dollar_ && operators.find(letter) != std::string_view::npos)
            problem_ = fmt::format("'{}' is of a shell, and none reads this", whole_operator());
    }

    std::string_view whole_operator() const {
        const std::size_t end = text_.find_first_not_of(operators, at_);
        return text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    }

    void add(char letter) {
        word_ += letter;
        in_word_ = true;
    }

    void finish() {
        if (in_word_) words_.push_back(std::exchange(word_, {}));
        in_word_ = false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    model::Strings words_;
    std::string word_;
    std::string problem_;
    bool in_word_ = false;
    bool escaped_ = false;
    bool single_ = false;
    bool double_ = false;
    bool back_ = false;
    bool dollar_ = false;
};

}    // namespace

Result<model::Strings> split_words(std::string_view text) { return Splitter(text).run(); }

}    // namespace trueup::compose
