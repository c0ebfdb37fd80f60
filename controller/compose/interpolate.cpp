// SPDX-License-Identifier: Apache-2.0
// A small recursive reader: a default or a replacement is itself a template. The operator that
// stands first after the name decides.
#include "controller/compose/interpolate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/compose/limits.hpp"
#include "controller/compose/problems.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t most_warnings = 1000;

bool starts_name(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}
bool continues_name(char letter) { return starts_name(letter) || (letter >= '0' && letter <= '9'); }

class Substitution {
public:
    explicit Substitution(const Lookup& lookup) : lookup_(lookup) {}

    model::Strings unset;
    std::optional<std::string> error;

    std::string run(std::string_view text, int depth) {
        std::string result;
        std::size_t at = 0;
        while (at < text.size() && !error) {
            const std::size_t dollar = text.find('$', at);
            result += text.substr(at, dollar - at);
            if (dollar == std::string_view::npos) break;
            at = dollar + 1;
            if (at < text.size() && text[at] == '$') {
                result += '$';
                ++at;
            } else if (at < text.size() && text[at] == '{') {
                result += braced(text, at, depth);
            } else if (at < text.size() && starts_name(text[at])) {
                std::size_t end = at;
                while (end < text.size() && continues_name(text[end])) ++end;
                result += plain(std::string(text.substr(at, end - at)));
                at = end;
            } else {
                result += '$';    // "a $ string", "^regex$": a dollar that names nothing
            }
            if (result.size() > Limits::value_bytes) fail("the result is too long");
        }
        return result;
    }

private:
    void fail(std::string message) {
        if (!error) error = std::move(message);
    }

    std::string plain(const std::string& name) {
        const auto value = lookup_(name);
        if (!value) unset.push_back(name);
        return value.value_or(std::string());
    }

    // From "{" at `at`; moves `at` behind the matching "}".
    std::string braced(std::string_view text, std::size_t& at, int depth) {
        const std::size_t end = matching(text, at);
        if (end == std::string_view::npos) {
            fail("'${' without its '}'; write $$ for a dollar sign");
            return {};
        }
        const std::string_view inside = text.substr(at + 1, end - at - 1);
        at = end + 1;
        if (depth >= Limits::variable_depth) {
            fail("variables are nested too deeply");
            return {};
        }
        std::size_t used = 0;
        if (inside.empty() || !starts_name(inside[0])) {
            fail(fmt::format("'${{{}}}' does not start with a variable's name", shown(inside)));
            return {};
        }
        while (used < inside.size() && continues_name(inside[used])) ++used;
        return apply(std::string(inside.substr(0, used)), inside.substr(used), depth);
    }

    static std::size_t matching(std::string_view text, std::size_t open) {
        int level = 0;
        for (std::size_t index = open; index < text.size(); ++index) {
            if (text[index] == '{') ++level;
            if (text[index] == '}' && --level == 0) return index;
        }
        return std::string_view::npos;
    }

    // The text up to what could be a secret default.
    static std::string shown(std::string_view inside) {
        return std::string(
            inside.substr(0, std::min<std::size_t>(inside.find_first_of(":-?+"), 40)));
    }

    std::string apply(const std::string& name, std::string_view rest, int depth) {
        if (rest.empty()) return plain(name);
        const bool colon = rest[0] == ':';
        const std::string_view operation = rest.substr(colon ? 1 : 0);
        const auto value = lookup_(name);
        const bool present = value && !(colon && value->empty());
        if (operation.empty() ||
            std::string_view("-?+").find(operation[0]) == std::string_view::npos) {
            fail(fmt::format("'${{{}…}}' has no operator of :- - :? ? :+ +", name));
            return {};
        }
        const std::string_view argument = operation.substr(1);
        if (operation[0] == '-') return present ? *value : run(argument, depth + 1);
        if (operation[0] == '+') return present ? run(argument, depth + 1) : std::string();
        if (present) return *value;
        // As written: variables in it could show a secret.
        fail(fmt::format("variable {} is required{}{}", name, argument.empty() ? "" : ": ",
                         argument));
        return {};
    }

    const Lookup& lookup_;
};

}    // namespace

Result<Substituted> substitute(std::string_view text, const Lookup& lookup) {
    Substitution substitution(lookup);
    Substituted result;
    result.text = substitution.run(text, 0);
    if (substitution.error) return Error(Errc::invalid, *substitution.error);
    result.unset = std::move(substitution.unset);
    return result;
}

namespace {

class Interpolation {
public:
    Interpolation(const Lookup& lookup, std::string_view advice, Problems& problems,
                  Problems& warnings)
        : lookup_(lookup), advice_(advice), reporter_(problems), warnings_(warnings) {}

    void run(yaml::Node& node) {
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Path::Step step(reporter_.path, index);
            run(node.items[index]);
        }
        for (yaml::Entry& entry : node.entries) {
            const Path::Step step(reporter_.path, entry.key);
            run(entry.value);
        }
        if (node.is_scalar() && node.text.find('$') != std::string::npos) fill(node);
    }

private:
    void fill(yaml::Node& node) {
        auto result = substitute(node.text, lookup_);
        if (!result) {
            const std::string message = result.error().message();
            const bool missing = message.starts_with("variable ");
            return reporter_.tell(node, message, missing ? std::string(advice_) : std::string());
        }
        if (result->text.size() > left_)
            return reporter_.tell(
                node, fmt::format("variables add up to more than {} bytes", Limits::document_bytes),
                "is this the right file?");
        left_ -= result->text.size();
        for (const std::string& name : result->unset) {
            if (warnings_.size() >= most_warnings) break;
            warnings_.push_back({node.position(),
                                 fmt::format("{}: variable {} is not set; an empty text is used",
                                             reporter_.path.text(), name),
                                 ""});
        }
        node.text = std::move(result->text);
        node.quoted = true;    // what a variable gave is text, whatever it looks like
    }

    const Lookup& lookup_;
    std::string_view advice_;
    std::size_t left_ = Limits::document_bytes;
    Reporter reporter_;
    Problems& warnings_;
};

}    // namespace

void interpolate(yaml::Node& node, const Lookup& lookup, std::string_view advice,
                 Problems& problems, Problems& warnings) {
    Interpolation(lookup, advice, problems, warnings).run(node);
}

}    // namespace trueup::compose
