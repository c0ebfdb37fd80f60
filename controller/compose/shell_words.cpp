// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/shell_words.hpp"

#include <utility>

namespace trueup::compose {

Result<model::Strings> split_words(std::string_view text) {
    model::Strings words;
    std::string word;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char letter = text[index];
        const bool has_next = index + 1 < text.size();
        if (quote == '\'') {
            if (letter == quote)
                quote = '\0';
            else
                word += letter;
        } else if (letter == '\\' && has_next) {
            const char next = text[++index];
            // Inside double quotes a backslash is special before $ ` " \ and a line end only.
            if (quote == '"' && std::string_view("$`\"\\\n").find(next) == std::string_view::npos)
                word += '\\';
            if (next != '\n') word += next;
            in_word = true;
        } else if (quote == '"') {
            if (letter == quote)
                quote = '\0';
            else
                word += letter;
        } else if (letter == '\'' || letter == '"') {
            quote = letter;
            in_word = true;
        } else if (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r') {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else {
            word += letter;
            in_word = true;
        }
    }
    if (quote != '\0') return Error(Errc::invalid, "a quote is never closed");
    if (in_word) words.push_back(std::move(word));
    return words;
}

}    // namespace trueup::compose
