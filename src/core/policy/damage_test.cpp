// SPDX-License-Identifier: Apache-2.0
// Copies of the real policy, damaged in one way after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/policy/policy.h"

namespace huoqi::policy {
namespace {

namespace fs = std::filesystem;

const fs::path kPolicyDir = fs::path(HUOQI_SOURCE_DIR) / "policy";

std::string content_of(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

void write(const fs::path& path, std::string_view content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string all_of(const std::vector<Problem>& problems) {
    std::string out;
    for (const Problem& problem : problems) out += text(problem) + "\n";
    return out;
}

// A copy of the policy in a folder of its own, for damaging.
class PolicyCopy : public ::testing::Test {
  protected:
    PolicyCopy() {
        std::string name = (fs::temp_directory_path() / "huoqi-policy-XXXXXX").string();
        if (mkdtemp(name.data())) dir_ = name;
        for (const std::string_view file : file_names()) fs::copy_file(kPolicyDir / file, dir_ / file);
    }
    ~PolicyCopy() override {
        std::error_code ignored;
        fs::remove_all(dir_, ignored);
    }
    // Replaces the first `from` after `after` in a file; returns the line on which it stood.
    std::size_t damage(std::string_view file, std::string_view after, std::string_view from,
                       std::string_view to) {
        std::string content = content_of(dir_ / file);
        const std::size_t start = content.find(after);
        const std::size_t at = start == std::string::npos ? start : content.find(from, start);
        EXPECT_NE(at, std::string::npos) << file << " no longer holds what the test damages: " << from;
        if (at == std::string::npos) return 0;
        const auto line =
            std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
        write(dir_ / file, content.replace(at, from.size(), to));
        return static_cast<std::size_t>(line);
    }
    void restore(std::string_view file) {
        fs::copy_file(kPolicyDir / file, dir_ / file, fs::copy_options::overwrite_existing);
    }

    fs::path dir_;
};

std::string version_of(const fs::path& dir) {
    const auto policy = load(dir);
    return policy ? (*policy)->version : policy.error().message;
}

TEST_F(PolicyCopy, AnUntouchedCopyLoadsWithTheSameVersion) {
    const auto copy = load(dir_);
    ASSERT_TRUE(copy) << copy.error().message;
    const std::string version = (*copy)->version;
    EXPECT_EQ(version, version_of(kPolicyDir));
    ASSERT_EQ(version.size(), 19u);
    EXPECT_EQ(version.find_first_not_of("0123456789abcdef", 11), std::string::npos);
}

TEST_F(PolicyCopy, EveryChangedByteChangesTheVersion) {
    damage("masks.toml", "", "# 显示首字", "# 显示首一字");
    const auto changed = load(dir_);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_NE((*changed)->version, version_of(kPolicyDir));
}

TEST_F(PolicyCopy, TheVersionIsThatOfTheNewestFile) {
    damage("roles.toml", "", "version = \"2026-11-24\"", "version = \"2027-02-28\"");
    const auto changed = load(dir_);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_TRUE((*changed)->version.starts_with("2027-02-28-"));
}

struct Damage {
    std::string_view file, after, from, to, reason;
    // Where the problem is reported, counted from the damaged line.
    int below = 0;

    friend void PrintTo(const Damage& damage, std::ostream* out) {
        *out << damage.file << ": " << damage.reason;
    }
};

class Damaged : public PolicyCopy, public ::testing::WithParamInterface<Damage> {};

TEST_P(Damaged, IsReportedWithFileLineAndReason) {
    const Damage& damage = GetParam();
    const std::size_t line = this->damage(damage.file, damage.after, damage.from, damage.to);
    const auto problems = check(dir_);
    const std::string expected = (dir_ / damage.file).string() + ":" +
                                 std::to_string(static_cast<int>(line) + damage.below) + ": " +
                                 std::string(damage.reason);
    EXPECT_NE(all_of(problems).find(expected), std::string::npos) << "expected\n"
                                                                  << expected << "\ngot\n"
                                                                  << all_of(problems);
    const auto loaded = load(dir_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Code::bad_input);
    EXPECT_EQ(loaded.error().message, text(problems.front()));
}

constexpr std::string_view kA7 = "number = 7\n";
constexpr std::string_view kDeliver = "code = \"deliver\"";

INSTANTIATE_TEST_SUITE_P(
    Articles, Damaged,
    ::testing::Values(
        Damage{"articles.toml", kA7, "chapter = 1", "chapter = 1\nfoo = 1", "unknown key 'foo' in article 7",
               1},
        Damage{"articles.toml", kA7, "status = \"document\"\n", "", "missing key 'status' in article 7", -9},
        Damage{"articles.toml", kA7, "asks.en = ", "asks.fr = ", "unknown key 'fr' in 'asks' of article 7"},
        Damage{"articles.toml", kA7, "\"ledger\"", "\"legder\"", "unknown part 'legder' in article 7"},
        Damage{"articles.toml", kA7, "\"ledger\"", "\"vault\"",
               "'met_by' in article 7 holds something twice"},
        Damage{"articles.toml", kA7, "\"staff\"", "\"stuff\"", "unknown addressee 'stuff' in article 7"},
        Damage{"articles.toml", kA7, "[\"enterprise\", \"staff\"]", "[]", "article 7 binds nobody"},
        Damage{"articles.toml", kA7, "\"document\"", "\"done\"", "unknown status 'done' in article 7"},
        Damage{"articles.toml", kA7, "chapter = 1", "chapter = \"1\"",
               "'chapter' in article 7 must be a whole number"},
        Damage{"articles.toml", kA7, "chapter = 1", "chapter = 7", "no chapter 7 for article 7"},
        Damage{"articles.toml", "", kA7, "number = 6\n", "article 6 stands twice"},
        Damage{"articles.toml", "", kA7, "number = 54\n", "'number' in article must be from 1 to 53"},
        Damage{"articles.toml", kA7, "number = 8\n", "number = 53\n", "missing article 8", 12},
        Damage{"articles.toml", "number = 3\n", "\"built\"", "\"planned\"",
               "article 3 is 'planned', but a part of it is there"},
        Damage{"articles.toml", "number = 21\n", "\"partly\"", "\"built\"",
               "article 21 is 'built', but a part of it is not"},
        Damage{"articles.toml", "number = 18\n", "\"planned\"", "\"partly\"",
               "article 18 is 'partly' there, but every part of it is planned"},
        Damage{"articles.toml", "number = 41\n", "\"document\"", "\"planned\"",
               "article 41 is not 'document', but names no part that meets it"},
        Damage{"articles.toml", "number = 2\n", "number = 2", "number = 3",
               "chapters must count 1, 2, 3, ..."},
        Damage{"articles.toml", kA7, "title.zh = \"", "title.zh = \"\\", "not TOML: "},
        Damage{"parts.toml", "name = \"keys\"", "name = \"keys\"", "name = \"vault\"",
               "part 'vault' stands twice"},
        Damage{"parts.toml", "name = \"keys\"", "\"built\"", "\"document\"",
               "part 'keys' is a part, not a document"},
        Damage{"parts.toml", "", "name = \"keys\"", "name = \"Key rack\"",
               "'Key rack' is no name for a part"},
        Damage{"sources.toml", "", "read = \"text\"\n", "read = \"company\"\n",
               "source 'regulation' can only be read as 'text' or 'press'"},
        Damage{"sources.toml", "", "version = \"2026-11-23\"", "version = \"2026-02-30\"",
               "'version' must be a date"},
        Damage{"sources.toml", "", "version = \"2026-11-23\"\n", "", "missing key 'version' in sources.toml",
               -3}));

INSTANTIATE_TEST_SUITE_P(
    Figures, Damaged,
    ::testing::Values(
        Damage{"parameters.toml", "complaint.answer", "\"text\"", "\"sure\"",
               "unknown certainty 'sure' in parameter 'complaint.answer'"},
        Damage{"parameters.toml", "complaint.answer", "articles = [12]", "articles = [54]",
               "'articles' in parameter 'complaint.answer' names 54, which is not from 1 to 53"},
        Damage{"parameters.toml", "complaint.answer", "cites = \"express_regulation\"\n", "",
               "parameter 'complaint.answer' is 'text', but cites no source"},
        Damage{"parameters.toml", "complaint.answer", "\"express_regulation\"", "\"hearsay\"",
               "unknown source 'hearsay' in parameter 'complaint.answer'"},
        Damage{"parameters.toml", "complaint.answer", "\"express_regulation\"", "\"incident_grading\"",
               "parameter 'complaint.answer' is 'text', but its source was not read in full", 1},
        Damage{"parameters.toml", "complaint.answer", "value = 7", "value = 7.0",
               "'value' in parameter 'complaint.answer' must be a whole number"},
        Damage{"parameters.toml", "complaint.answer", "value = 7", "value = -7",
               "'value' in parameter 'complaint.answer' must be from 0"},
        Damage{"parameters.toml", "complaint.answer", "2018-05-01", "\"2018-05-01\"",
               "'in_force_from' in parameter 'complaint.answer' must be a date"},
        Damage{"parameters.toml", "log.retention_min", "in_force_to = 2025-12-31", "in_force_to = 2016-12-31",
               "parameter 'log.retention_min' ends before it begins"},
        Damage{"parameters.toml", "in_force_to = 2025-12-31", "in_force_from = 2026-01-01",
               "in_force_from = 2026-01-01\nin_force_to = 2027-01-01",
               "parameter 'log.retention_min' ends without a successor", -7},
        Damage{"parameters.toml", "in_force_to = 2025-12-31", "in_force_from = 2026-01-01",
               "in_force_from = 2025-12-31", "parameter 'log.retention_min' stands twice for the same days",
               -6},
        Damage{"parameters.toml", "in_force_to = 2025-12-31", "unit = \"month\"", "unit = \"day\"",
               "parameter 'log.retention_min' has two units"},
        Damage{"parameters.toml", "volume.period", "unit = \"month\"", "unit = \"day\"",
               "parameter 'volume.period' must be counted in 'month'"},
        Damage{"parameters.toml", "volume.period", "unit = \"month\"", "unit = \"moon\"",
               "unknown unit 'moon' in parameter 'volume.period'"},
        Damage{"parameters.toml", "\"ledger.retention\"", "value = 36", "value = 5",
               "parameter 'ledger.retention' must be from 6"}));

INSTANTIATE_TEST_SUITE_P(
    Access, Damaged,
    ::testing::Values(
        Damage{"purposes.toml", kDeliver, "\"recipient.phone\"", "\"recipient.fax\"",
               "unknown field 'recipient.fax' in purpose 'deliver'"},
        Damage{"purposes.toml", kDeliver, "\"operator\"", "\"operetta\"",
               "unknown role 'operetta' in purpose 'deliver'"},
        Damage{"purposes.toml", kDeliver, "\"operator\"", "\"auditor\"",
               "purpose 'deliver' is open to role 'auditor', which may not reveal"},
        Damage{"purposes.toml", kDeliver, "\"assigned\"", "\"hunch\"",
               "unknown evidence 'hunch' in purpose 'deliver'"},
        Damage{"purposes.toml", kDeliver, "max_tokens = 20", "max_tokens = 21",
               "max_tokens of purpose 'deliver' is above parameter 'reveal.tokens_max', which is 20"},
        Damage{"purposes.toml", kDeliver, "max_tokens = 20", "max_tokens = 0",
               "purpose 'deliver' must have max_tokens = 0 exactly when"},
        Damage{"purposes.toml", kDeliver, "code = \"deliver\"", "code = \"collect\"",
               "purpose 'collect' stands twice"},
        Damage{"purposes.toml", kDeliver, "per_day = 400", "per_day = 0",
               "purpose 'deliver' must have per_day = 0 exactly when"},
        Damage{"purposes.toml", kDeliver, "per_day = 400", "per_day = 19",
               "purpose 'deliver' has a per_day below max_tokens"},
        Damage{"purposes.toml", kDeliver, "per_month = 8000", "per_month = 399",
               "purpose 'deliver' has a per_month below per_day"},
        Damage{"purposes.toml", kDeliver, "per_month = 8000\n", "",
               "missing key 'per_month' in purpose 'deliver'", -10}));

constexpr std::string_view kCourier = "name = \"courier\"";
constexpr std::string_view kNetwork = "name = \"network_administrator\"";
constexpr std::string_view kAuditor = "name = \"auditor\"";

INSTANTIATE_TEST_SUITE_P(
    Roles, Damaged,
    ::testing::Values(
        Damage{"roles.toml", kAuditor, "\"ledger.read\"", "\"ledger.write\"",
               "unknown action 'ledger.write' in grant of role 'auditor'"},
        Damage{"roles.toml", kAuditor, "title.en = \"Security", "title.en = \"\" #",
               "'en' in 'title' of role 'auditor' is empty"},
        Damage{"roles.toml", kCourier, "kind = \"business\"", "kind = \"busy\"",
               "unknown kind 'busy' in role 'courier'"},
        Damage{"roles.toml", kCourier, "excludes = []", "excludes = [\"courier\"]",
               "role 'courier' excludes itself"},
        Damage{"roles.toml", kCourier, "excludes = []", "excludes = [\"currier\"]",
               "role 'courier' excludes unknown role 'currier'", -5},
        Damage{"roles.toml", kCourier, "excludes = []", "excludes = \"\"",
               "'excludes' in role 'courier' must be a list"},
        Damage{"roles.toml", kCourier, "second_factor = true", "second_factor = false",
               "role 'courier' shows clear text to people and needs a second factor"},
        Damage{"roles.toml", kNetwork, "second_factor = true", "second_factor = false",
               "role 'network_administrator' is an administrator's and needs a second factor"},
        Damage{"roles.toml", kCourier, "device = true", "device = 1",
               "'device' in role 'courier' must be true or false"},
        Damage{"roles.toml", kCourier, "scope = \"assigned\"", "scope = \"world\"",
               "unknown scope 'world' in grant of role 'courier'"},
        Damage{"roles.toml", kCourier, "[\"name\", ", "[\"nose\", ",
               "unknown class 'nose' in grant of role 'courier'"},
        Damage{"roles.toml", kCourier, "form = \"masked\"", "form = \"naked\"",
               "unknown form 'naked' in grant of role 'courier'"},
        Damage{"roles.toml", kCourier, "form = \"masked\"", "form = \"clear\"",
               "grant of role 'courier' shows clear text, which only 'reveal' may"},
        Damage{"roles.toml", kCourier, "form = \"clear\"", "form = \"masked\"",
               "grant of role 'courier' is for 'reveal' and does not show clear text"},
        Damage{"roles.toml", "action = \"reveal\"", "scope = \"assigned\"", "scope = \"enterprise\"",
               "grant of role 'courier' shows clear text of the whole enterprise; that does not exist"},
        Damage{"roles.toml", kNetwork, "classes = []\nform = \"none\"",
               "classes = [\"number\"]\nform = \"masked\"",
               "grant of role 'network_administrator' shows personal information to an administrator", 1},
        Damage{"roles.toml", kCourier, "form = \"masked\"", "form = \"none\"",
               "grant of role 'courier' must have no class exactly when its form is 'none'", -1},
        Damage{"roles.toml", kAuditor, "form = \"none\"", "form = \"masked\"",
               "grant of role 'auditor' must show something exactly when its action is"},
        Damage{"roles.toml", kCourier, "[[role.grant]]", "[[role.grunt]]",
               "unknown key 'grunt' in role 'courier'"}));

INSTANTIATE_TEST_SUITE_P(
    Masks, Damaged,
    ::testing::Values(
        Damage{"masks.toml", "[name]", "keep_first = 1", "keep_first = 2",
               "'keep_first' in mask 'name' breaks parameter 'mask.name_hidden_min'"},
        Damage{"masks.toml", "[name]", "compound_surname_keep = 2", "compound_surname_keep = 3",
               "'compound_surname_keep' in mask 'name' breaks parameter 'mask.name_hidden_min'"},
        Damage{"masks.toml", "[phone]", "hide_at_least = 6", "hide_at_least = 4",
               "'hide_at_least' in mask 'phone' breaks parameter 'mask.phone_hidden_min'"},
        Damage{"masks.toml", "[phone]", "keep_last = 2", "keep_last = 4",
               "'keep_last' in mask 'phone' breaks parameter 'mask.phone_hidden_min'"},
        Damage{"masks.toml", "[id_number]", "keep_first = 0", "keep_first = 1",
               "'keep_first' in mask 'id_number' breaks parameter 'mask.id_shown_max'"},
        Damage{"masks.toml", "[items]", "show = false", "show = 0",
               "'show' in mask 'items' must be true or false"},
        Damage{"masks.toml", "[time]", "show = true\n", "", "missing key 'show' in mask 'time'", -1},
        Damage{"masks.toml", "", "[time]", "[hour]", "unknown key 'hour' in masks.toml"},
        Damage{"masks.toml", "", "\"欧阳\"", "\"欧\"", "'欧' is no compound surname", -1},
        Damage{"masks.toml", "[[vector]]", "acceptable = [\"王*\", \"*伟\"]", "acceptable = []",
               "vector accepts nothing"},
        Damage{"masks.toml", "[[vector]]", "\"recipient.name\"", "\"recipient.nose\"",
               "unknown field 'recipient.nose' in vector"}));

INSTANTIATE_TEST_SUITE_P(
    Passwords, Damaged,
    ::testing::Values(Damage{"common_passwords.txt", "", "\nwoaini1314\n", "\n\n", "empty line", 1},
                      Damage{"common_passwords.txt", "", "\nwoaini1314\n", "\nwoaini 1314\n",
                             "blank, control character or capital in a password", 1},
                      Damage{"common_passwords.txt", "", "\nwoaini1314\n", "\nwoAini1314\n",
                             "blank, control character or capital in a password", 1},
                      Damage{"common_passwords.txt", "", "\nwoaini1314\n", "\nwoaini1314\nwoaini1314\n",
                             "password stands twice", 2},
                      Damage{"common_passwords.txt", "", "\nwoaini1314\n", "\nwoa\n",
                             "a common password must have 4 to 64 bytes", 1},
                      Damage{"common_passwords.txt", "", "\nwoaini1314\n", "\naoaini1314\n",
                             "passwords must be sorted by their bytes", 1}));

TEST_F(PolicyCopy, AListOfCommonPasswordsHasLines) {
    write(dir_ / "common_passwords.txt", "");
    EXPECT_NE(load(dir_).error().message.find("no password in it"), std::string::npos);
    write(dir_ / "common_passwords.txt", "woaini1314");
    EXPECT_NE(load(dir_).error().message.find("the last line does not end"), std::string::npos);
    write(dir_ / "common_passwords.txt", "woaini1314\n");
    const auto shorter = load(dir_);
    ASSERT_TRUE(shorter) << shorter.error().message;
    EXPECT_NE((*shorter)->version, version_of(kPolicyDir));
}

TEST_F(PolicyCopy, AMissingFigureThatTheProgramNeedsIsReported) {
    damage("parameters.toml", "", "id = \"volume.period\"", "id = \"volume.periods\"");
    EXPECT_NE(load(dir_).error().message.find("missing parameter 'volume.period'"), std::string::npos);
}

TEST_F(PolicyCopy, AnArticleThatIsNoLongerThereIsReported) {
    damage("articles.toml", "", "articles = 53", "articles = 54");
    const auto problems = check(dir_);
    ASSERT_EQ(problems.size(), 1u) << all_of(problems);
    EXPECT_EQ(problems[0].reason, "missing article 54");
}

TEST_F(PolicyCopy, AMissingFileIsReported) {
    for (const std::string_view file : file_names()) {
        fs::remove(dir_ / file);
        EXPECT_EQ(text(check(dir_).front()), (dir_ / file).string() + ": missing file");
        EXPECT_FALSE(load(dir_));
        restore(file);
    }
}

TEST_F(PolicyCopy, AnUnexpectedFileIsReportedAndFormatsIsNot) {
    fs::create_directory(dir_ / "formats");
    write(dir_ / "README.md", "for people");
    EXPECT_TRUE(load(dir_));
    write(dir_ / "articles.toml~", "an editor's leftover");
    EXPECT_EQ(all_of(check(dir_)), (dir_ / "articles.toml~").string() + ": does not belong to a policy\n");
    fs::remove(dir_ / "articles.toml~");
    fs::create_directory(dir_ / "drafts");
    EXPECT_EQ(all_of(check(dir_)), (dir_ / "drafts").string() + ": does not belong to a policy\n");
}

TEST_F(PolicyCopy, AFolderThatIsNotThereIsReported) {
    const auto loaded = load(dir_ / "nowhere");
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().message.find("the folder cannot be read"), std::string::npos);
}

TEST_F(PolicyCopy, AFileAboveTheLimitIsRefused) {
    std::ofstream(dir_ / "roles.toml", std::ios::app) << '#' << std::string(kMaxFileBytes, 'x') << '\n';
    EXPECT_NE(load(dir_).error().message.find("roles.toml: larger than"), std::string::npos);
}

TEST_F(PolicyCopy, OneBrokenFileDoesNotBlameTheOthers) {
    write(dir_ / "parts.toml", "version = ");
    const auto problems = check(dir_);
    ASSERT_EQ(problems.size(), 1u) << all_of(problems);
    EXPECT_NE(text(problems[0]).find("parts.toml:1: not TOML"), std::string::npos) << text(problems[0]);
}

TEST_F(PolicyCopy, AllProblemsAreFoundAtOnceInOrder) {
    damage("roles.toml", "name = \"integrator\"", "\"seal\"", "\"steal\"");
    damage("articles.toml", kA7, "chapter = 1", "chapter = 1\nfoo = 1");
    damage("articles.toml", kA7, "\"ledger\"", "\"legder\"");
    const auto problems = check(dir_);
    ASSERT_EQ(problems.size(), 3u) << all_of(problems);
    EXPECT_NE(problems[0].reason.find("foo"), std::string::npos);
    EXPECT_NE(problems[1].reason.find("legder"), std::string::npos);
    EXPECT_NE(problems[2].reason.find("steal"), std::string::npos);
}

TEST_F(PolicyCopy, MessagesCarryNoControlCharacters) {
    damage("articles.toml", kA7, "\"ledger\"", "\"led\\u001b[31m\\nger\"");
    const std::string message = load(dir_).error().message;
    EXPECT_NE(message.find("'led?[31m?ger'"), std::string::npos) << message;
}

}  // namespace
}  // namespace huoqi::policy
