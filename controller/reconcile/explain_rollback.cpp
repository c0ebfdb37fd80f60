// SPDX-License-Identifier: Apache-2.0
// Which earlier states are still at hand. A way back is a state that was good and is not what the file
// asks for: what it asks for already cannot be gone back to by asking for it.
#include <fmt/format.h>

#include <algorithm>

#include "controller/reconcile/explain_answers.hpp"

namespace trueup::reconcile {
namespace {

// Not what was found at adoption: no commit of ours says what that was.
bool is_good(const store::Revision& revision) {
    if (revision.commit.empty()) return false;
    return revision.outcome == store::Outcome::deployed ||
           revision.outcome == store::Outcome::proven;
}

std::vector<std::string> missing_images(const Known& known, const store::Revision& revision) {
    std::vector<std::string> missing;
    for (const std::string& image : revision.images) {
        if (!known.images.contains(image)) missing.push_back(image);
    }
    return missing;
}

std::string short_image(std::string_view id) {
    if (id.starts_with("sha256:")) id.remove_prefix(7);
    return std::string(id.substr(0, 12));
}

Evidence revision_evidence(const Known& known, const store::Revision& revision) {
    const auto missing = missing_images(known, revision);
    std::string images = fmt::format("all of {} there", count_of(revision.images.size(), "image"));
    if (revision.images.empty()) images = "no images are remembered";
    if (!missing.empty()) {
        std::vector<std::string> names;
        for (const std::string& id : missing) names.push_back(short_image(id));
        images = fmt::format("missing {}: {}", count_of(missing.size(), "image"),
                             fmt::join(names, ", "));
    }
    Evidence evidence;
    std::string what = revision.cause;
    if (!revision.commit.empty()) {
        what = fmt::format("commit {}, {}", short_commit(revision.commit),
                           to_string(revision.outcome));
    }
    evidence.text = fmt::format("revision {}: {}; {}", revision.number, what, images);
    evidence.seen_in = "history";
    evidence.time = revision.time;
    return evidence;
}

// Made from the same commit and what is of the same configuration; images may be built anew.
bool is_same_state(const store::Revision& left, const store::Revision& right) {
    return left.project == right.project &&
           std::equal(left.services.begin(), left.services.end(), right.services.begin(),
                      right.services.end(), [](const auto& one, const auto& other) {
                          return one.service == other.service &&
                                 one.config_hash == other.config_hash;
                      });
}

// Whether the file asked for something else of the same commit when the good one was reached.
bool differs_from_wanted(const Known& known, const store::Revision& good) {
    if (waits_for_new_name(known)) return true;
    const store::Revision& last = known.revisions.front();
    if (last.commit != good.commit) return false;    // the file is back at what it said then
    if (is_good(last)) return !is_same_state(last, good);
    return last.spec_digest != good.spec_digest || last.cause.starts_with("config");
}

struct Ways {
    const store::Revision* commit = nullptr;     // the newest good one of another commit
    const store::Revision* spec = nullptr;       // of the wanted commit, with another spec
    const store::Revision* adopted = nullptr;    // what was found when it was
    bool lost = false;                           // there was one, and its images are gone
};

// Not known: that of the newest good one.
std::string wanted_of(const Known& known) {
    std::string wanted = wanted_commit(known);
    const auto newest = std::find_if(known.revisions.begin(), known.revisions.end(), is_good);
    return wanted.empty() && newest != known.revisions.end() ? newest->commit : wanted;
}

Ways ways_back(const Known& known) {
    Ways ways;
    const std::string wanted = wanted_of(known);
    for (const store::Revision& revision : known.revisions) {
        if (revision.commit.empty()) ways.adopted = &revision;
        if (!is_good(revision)) continue;
        const bool other = revision.commit != wanted;
        if (!other && !differs_from_wanted(known, revision)) continue;
        if (!missing_images(known, revision).empty()) {
            ways.lost = true;
        } else if (other && ways.commit == nullptr) {
            ways.commit = &revision;
        } else if (!other && ways.commit == nullptr && ways.spec == nullptr) {
            ways.spec = &revision;
        }
    }
    return ways;
}

std::string revision_text(const store::Revision& revision) {
    return fmt::format("revision {} (commit {}, {})", revision.number,
                       short_commit(revision.commit), to_string(revision.outcome));
}

std::string text_of(const Known& known, const Ways& ways) {
    std::string text;
    if (ways.spec != nullptr) {
        text = fmt::format(
            "Yes, to {}: the commit is the same, only the spec changed. Undo that change in {}.",
            revision_text(*ways.spec), known.entry.file);
    }
    if (ways.commit == nullptr) return text;
    const Position& place = known.entry.stack.spec.git.revision_position;
    const bool runs = ways.commit->commit == known.entry.stack.status.running_commit;
    text += fmt::format(
        "{} to {}: {}. Write commit: {} into {}.", text.empty() ? "Yes," : " Or",
        revision_text(*ways.commit), runs ? "it runs already" : "everything it needs is there",
        ways.commit->commit, place.file.empty() ? known.entry.file : to_string(place));
    return text;
}

}    // namespace

Answer explain_rollback(const Known& known) {
    Answer answer;
    answer.topic = "rollback";
    answer.question = "Is there a way back, and to what?";
    for (const store::Revision& revision : known.revisions)
        answer.evidence.insert(answer.evidence.begin(), revision_evidence(known, revision));
    const Ways ways = ways_back(known);
    answer.text = text_of(known, ways);
    if (!answer.text.empty()) return answer;
    if (ways.adopted != nullptr) {
        answer.text = fmt::format(
            "To no earlier commit at once. What ran before trueup took it over (revision {}, {}) "
            "is docker compose's: `trueup detach -f {}` gives the stack back to it.",
            ways.adopted->number,
            missing_images(known, *ways.adopted).empty()
                ? "its images are there"
                : "not all of its images are there any more",
            known.entry.file);
    } else if (!ways.lost) {
        answer.text = "No: no earlier state of this stack is remembered.";
    } else {
        answer.text =
            "Not at once: no earlier good state has all its images on the engine. Going "
            "back to an older commit builds or pulls them again.";
    }
    return answer;
}

}    // namespace trueup::reconcile
