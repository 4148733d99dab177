#include "gatehouse/guard/secrets/secrets_detector.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/guard/secrets/secret_form.h"
#include "gatehouse/guard/secrets/secret_rows.h"
#include "gatehouse/guard/secrets/secret_value.h"
#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SecretsDetector& detector() {
  static const SecretsDetector kDetector;
  return kDetector;
}

testing::Driver& driver() {
  static testing::Driver kDriver(detector());
  return kDriver;
}

// "ENTITY value" of each finding.
std::vector<std::string> found(std::string_view text) {
  std::vector<std::string> out;
  for (const Finding& f : driver().whole(text)) {
    out.push_back(std::string(f.entity) + " " + std::string(text.substr(f.begin, f.end - f.begin)));
  }
  return out;
}

std::vector<std::string> entities(std::string_view text) {
  std::vector<std::string> out;
  for (const Finding& f : driver().whole(text)) out.emplace_back(f.entity);
  return out;
}

// The same numbers in every run (xorshift).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
  std::uint64_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ >> 11;
  }

 private:
  std::uint64_t state_;
};

// Not written in one piece, so that nobody's scanner takes these for leaked ones.
std::string glued(std::string_view a, std::string_view b) { return std::string(a) + std::string(b); }

std::vector<SecretRow> all_rows() {
  std::vector<SecretRow> rows;
  for (const auto part : {cloud_secret_rows(), developer_secret_rows(), business_secret_rows(), ai_secret_rows(),
                          service_secret_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

TEST(SecretKinds, CoverAtLeastHundredAndFifty) {
  EXPECT_GE(secret_kinds().size(), 250U);
  std::set<std::string_view> names;
  std::set<std::string_view> vendors;
  for (const SecretKind& kind : secret_kinds()) {
    EXPECT_TRUE(names.insert(kind.entity).second) << kind.entity;
    vendors.insert(kind.vendor);
    EXPECT_FALSE(kind.description.empty());
  }
  EXPECT_GE(vendors.size(), 150U);
  EXPECT_EQ(detector().entities().size(), secret_kinds().size());
}

TEST(SecretKinds, ANameIsAnEntityAVendorOrAGroup) {
  EXPECT_THAT(secret_entities("aws_access_key_id"), ElementsAre("AWS_ACCESS_KEY_ID"));
  const auto github = secret_entities("GitHub");
  EXPECT_GE(github.size(), 6U);
  EXPECT_TRUE(std::ranges::find(github, "GITHUB_APP_TOKEN") != github.end());
  EXPECT_GT(secret_entities("cloud").size(), secret_entities("aws").size());
  EXPECT_THAT(secret_entities("nobody"), IsEmpty());
}

// A value made from each row's form, in a sentence, is found whole and by its name.
TEST(SecretRows, EachFormIsFound) {
  std::size_t seed = 0;
  for (const SecretRow& row : all_rows()) {
    if (row.check == SecretCheck::jwt || row.check == SecretCheck::virtual_key || row.check == SecretCheck::admin_key) {
      continue;
    }
    const SecretForm form(row.form);
    int hit = 0;
    std::string last;
    for (int i = 0; i < 8; ++i) {
      const std::string value = form.sample(Numbers(++seed));
      const std::string text = "It is \"" + value + "\" here.";
      last = testing::Driver::describe(driver().whole(text), text) + " of " + text;
      for (const Finding& f : driver().whole(text)) {
        hit += f.entity == row.entity && f.end == 7 + value.size();
      }
    }
    // A random value may be less random than it should.
    EXPECT_GE(hit, 6) << row.entity << " " << row.form << ": " << last;
  }
}

TEST(SecretRows, EachContextIsFound) {
  std::size_t seed = 1000;
  for (const SecretContextRow& row : secret_context_rows()) {
    const SecretForm form(row.form);
    const std::string_view word = row.words.substr(0, row.words.find(' '));
    int hit = 0;
    int named = 0;
    std::string last;
    for (int i = 0; i < 8; ++i) {
      const std::string value = form.sample(Numbers(++seed));
      const std::string text = std::string(word) + "_secret = \"" + value + "\"\n";
      last = testing::Driver::describe(driver().whole(text), text) + " of " + text;
      for (const Finding& f : driver().whole(text)) {
        hit += f.end == text.size() - 2;
        named += f.entity == row.entity;
      }
    }
    EXPECT_GE(hit, 6) << row.entity << " " << row.form << ": " << last;
    EXPECT_GE(named, 5) << row.entity << " " << row.form << ": " << last;
  }
}

TEST(SecretRows, ValuesAreFoundCutAnywhere) {
  std::size_t seed = 5000;
  std::size_t n = 0;
  for (const SecretRow& row : all_rows()) {
    if (++n % 5 != 0 || row.form.contains(",3000}") || row.form.contains(",8000}")) continue;
    const std::string text = "see x=" + SecretForm(row.form).sample(Numbers(++seed)) + ", ok\n";
    EXPECT_EQ(driver().all_cuts(text), "") << row.entity;
  }
}

TEST(Secrets, ChecksumOfGitHubTokens) {
  // 30 characters and their CRC-32 in base62, computed by hand with zlib.
  std::string body = "16C7e42F292c6912E7710c838347Ae";
  std::string wrong = body + "AAAAAA";
  EXPECT_FALSE(has_base62_crc(wrong));
  const std::string key = crypto::make_virtual_key().substr(3);
  EXPECT_TRUE(has_base62_crc(key));
  const std::string right = glued("gh", "p_") + key;
  ASSERT_EQ(driver().whole(right).size(), 1U);
  EXPECT_EQ(driver().whole(right)[0].score, 1);
  EXPECT_EQ(driver().whole(right)[0].detector, "secrets.github");
  EXPECT_LT(driver().whole(glued("gh", "p_") + wrong)[0].score, 0.9F);
}

TEST(Secrets, OurOwnKeysNeedTheirChecksum) {
  const std::string key = crypto::make_virtual_key();
  EXPECT_THAT(entities("key " + key), ElementsAre("GATEHOUSE_VIRTUAL_KEY"));
  EXPECT_THAT(entities("key " + crypto::make_admin_key() + "."), ElementsAre("GATEHOUSE_ADMIN_KEY"));
  std::string typo = key;
  typo[5] = typo[5] == 'a' ? 'b' : 'a';
  EXPECT_THAT(entities("the key " + typo), IsEmpty());
}

TEST(Secrets, ADocumentedExampleScoresLow) {
  const std::string text = glued("AKIA", "IOSFODNN7EXAMPLE");
  ASSERT_EQ(driver().whole(text).size(), 1U);
  EXPECT_EQ(driver().whole(text)[0].score, 0.5F);
}

TEST(Secrets, JsonWebTokens) {
  const std::string header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
  const std::string token = header + ".eyJzdWIiOiI0MiIsIm5hbWUiOiJBIn0.k3J8fQ2xYw7Zr1bVt5nM0pLs9DcHgUaE";
  EXPECT_THAT(found("jwt: " + token + "."), ElementsAre("JWT " + token));
  // Not JSON with "alg" in front: a base64 text with dots.
  EXPECT_THAT(found("eyJmb28iOiJiYXIgYmF6IHF1eCJ9.eyJzdWIiOiI0MiIsIm5hbWUiOiJBIn0.k3J8fQ2xYw7Zr1bVt5nM0pLs9"),
              IsEmpty());
  EXPECT_EQ(driver().all_cuts("jwt: " + token + ". And so on"), "");
}

std::string pem(std::string_view label, std::string_view line_end, bool with_end) {
  std::string text = "-----BEGIN " + std::string(label) + "-----" + std::string(line_end);
  Numbers numbers(7);
  const SecretForm line("{s64}");
  for (int i = 0; i < 6; ++i) text += line.sample(std::ref(numbers)) + std::string(line_end);
  text += "c2hvcnQ=";
  if (with_end) text += std::string(line_end) + "-----END " + std::string(label) + "-----";
  return text;
}

TEST(Secrets, PrivateKeysAreFoundWhole) {
  for (const std::string_view label : {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY",
                                       "PGP PRIVATE KEY BLOCK", "ENCRYPTED PRIVATE KEY"}) {
    for (const std::string_view line_end : {"\n", "\r\n", "\\n"}) {
      const std::string key = pem(label, line_end, true);
      const std::string text = "Here: " + key + "\nand text after it.";
      const auto findings = driver().whole(text);
      ASSERT_EQ(findings.size(), 1U) << text;
      EXPECT_EQ(findings[0].begin, 6U);
      EXPECT_EQ(findings[0].end, 6 + key.size());
      EXPECT_TRUE(findings[0].entity.ends_with("PRIVATE_KEY"));
    }
  }
  EXPECT_THAT(entities(pem("PUBLIC KEY", "\n", true)), IsEmpty());
  EXPECT_THAT(entities(pem("CERTIFICATE", "\n", true)), IsEmpty());
}

TEST(Secrets, APrivateKeyWithoutItsEndReachesToTheEndOfTheText) {
  const std::string key = pem("RSA PRIVATE KEY", "\n", false);
  const auto findings = driver().whole("x " + key);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].end, 2 + key.size());
  EXPECT_THAT(entities("A key begins with -----BEGIN PRIVATE KEY----- and is secret. Keep it."), IsEmpty());
}

TEST(Secrets, PrivateKeysAreHeldBackWhole) {
  const std::string text = "Here: " + pem("EC PRIVATE KEY", "\n", true) + "\nand text after it.";
  EXPECT_EQ(driver().all_cuts(text), "");
  EXPECT_EQ(driver().all_cuts("Here: " + pem("EC PRIVATE KEY", "\\n", false) + "! And more text follows."), "");
}

TEST(Secrets, ServiceAccount) {
  const std::string text =
      R"({"type": "service_account", "private_key_id": "0b5ac1e1f0c44dd0a7a31d0d7a4d8e2f5b6c7d8e",)"
      R"( "private_key": ")" +
      pem("PRIVATE KEY", "\\n", true) + "\\n\"}";
  EXPECT_THAT(entities(text), ElementsAre("GCP_SERVICE_ACCOUNT_KEY"));
}

TEST(Secrets, Putty) {
  const std::string text =
      "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 1\nAAAAC3\n"
      "Private-Lines: 1\nAAAAIGx5\nPrivate-MAC: 00ff11aa22bb";
  EXPECT_THAT(found("a\n" + text + "\nb"), ElementsAre("PUTTY_PRIVATE_KEY " + text));
  EXPECT_EQ(driver().all_cuts("a\n" + text + "\nb"), "");
}

TEST(Secrets, ConnectionStrings) {
  EXPECT_THAT(found("postgres://app:s3cr3t!pw@db.internal:5432/x"), ElementsAre("POSTGRES_PASSWORD s3cr3t!pw"));
  EXPECT_THAT(found("url=mongodb+srv://u:Zq8vLm2T@cluster0.ab1.mongodb.net/"),
              ElementsAre("MONGODB_PASSWORD Zq8vLm2T"));
  EXPECT_THAT(found("redis://:9fKqLw3x@cache:6379/0"), ElementsAre("REDIS_PASSWORD 9fKqLw3x"));
  EXPECT_THAT(found("amqps://svc:p%40ss99@mq/vhost"), ElementsAre("AMQP_PASSWORD p%40ss99"));
  EXPECT_THAT(found("mysql://root:tig3r@localhost/db"), ElementsAre("MYSQL_PASSWORD tig3r"));
  EXPECT_THAT(found("https://bob:Wint3rJacket@intra.net/"), ElementsAre("URL_CREDENTIALS Wint3rJacket"));
  EXPECT_THAT(found("Server=db1;Database=x;User Id=sa;Password=Xk29fjQ!;Encrypt=true"),
              ElementsAre("DATABASE_PASSWORD Xk29fjQ!"));
  EXPECT_THAT(found("jdbc:postgresql://db/x?user=app&password=Xk29fjQw&ssl=true"),
              ElementsAre("DATABASE_PASSWORD Xk29fjQw"));
  EXPECT_THAT(
      found("postgres://user:${DB_PASS}@host/x http://host:8080/@me https://medium.com/@me ssh://git@host:22/r"),
      IsEmpty());
  EXPECT_EQ(driver().all_cuts("use postgres://app:s3cr3t!pw@db.internal:5432/x now"), "");
}

TEST(Secrets, Headers) {
  EXPECT_THAT(found("Authorization: Bearer 7Gk2mQ9xVb4LpRt8Zw3N\n"), ElementsAre("BEARER_TOKEN 7Gk2mQ9xVb4LpRt8Zw3N"));
  EXPECT_THAT(found("-H 'Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l'"),
              ElementsAre("BASIC_AUTH_CREDENTIALS YWxhZGRpbjpvcGVuc2VzYW1l"));
  EXPECT_THAT(found("curl -s -u admin:hunter2x https://x"), ElementsAre("BASIC_AUTH_CREDENTIALS hunter2x"));
  EXPECT_THAT(found("X-Api-Key: 7Gk2mQ9xVb4LpRt8Zw3N"), ElementsAre("GENERIC_API_KEY 7Gk2mQ9xVb4LpRt8Zw3N"));
  EXPECT_THAT(found("The bearer of this letter. Basic knowledge of it. Basic authentication is simple."), IsEmpty());
}

TEST(Secrets, AssignmentsInAllSortsOfText) {
  EXPECT_THAT(found("password = \"hunter2!\""), ElementsAre("PASSWORD hunter2!"));
  EXPECT_THAT(found("{\"db_password\": \"Tr0ub4dor&3\"}"), ElementsAre("PASSWORD Tr0ub4dor&3"));
  EXPECT_THAT(found("export DB_PASS=kW93xq7z\n"), ElementsAre("PASSWORD kW93xq7z"));
  EXPECT_THAT(found("My password is Summer2024!"), ElementsAre("PASSWORD Summer2024!"));
  EXPECT_THAT(found("<password>Tr0ub4dor3</password>"), ElementsAre("PASSWORD Tr0ub4dor3"));
  EXPECT_THAT(found("const char* api_key = \"f83KdLq02mXzP6vR9wYt\";"),
              ElementsAre("GENERIC_API_KEY f83KdLq02mXzP6vR9wYt"));
  EXPECT_THAT(found("client_secret: str = 'f83KdLq02mXzP6vR9wYt'"), ElementsAre("GENERIC_SECRET f83KdLq02mXzP6vR9wYt"));
  EXPECT_THAT(found("tool --token f83KdLq02mXzP6vR9wYt run"), ElementsAre("GENERIC_TOKEN f83KdLq02mXzP6vR9wYt"));
  EXPECT_THAT(found("**Password:** kW93xq7z\n"), ElementsAre("PASSWORD kW93xq7z"));
  EXPECT_THAT(found("machine ftp.x login me password kW93xq7z\n"), ElementsAre("PASSWORD kW93xq7z"));
  EXPECT_THAT(found("os.environ[\"AUTH_TOKEN\"] = \"f83KdLq02mXzP6vR9wYt\""),
              ElementsAre("GENERIC_TOKEN f83KdLq02mXzP6vR9wYt"));
  EXPECT_EQ(driver().all_cuts("set client_secret: str = 'f83KdLq02mXzP6vR9wYt' and password is hunter2!x, done"), "");
}

TEST(Secrets, PlaceholdersAreNone) {
  for (const std::string_view text : {"api_key = \"YOUR_API_KEY\"",
                                      "api_key = \"your-api-key-goes-here-123\"",
                                      "password: <password>",
                                      "token: ${TOKEN_1}",
                                      "password = \"changeme\"",
                                      "password=xxxxxxxx1",
                                      "secret: ****************",
                                      "token = \"{{ vault_token_1 }}\"",
                                      "password = os.environ[\"DB_PASSWORD1\"]",
                                      "const token = getToken(user1, 2);",
                                      "token = response.data.token1",
                                      "password: process.env.PASSWORD_1",
                                      "key: ${{ secrets.KEY_12345678901 }}",
                                      "secret = config.secret_2",
                                      "sk-your-key-here-000000000000000",
                                      "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                      "AKIAXXXXXXXXXXXXXXXX",
                                      "password: required|min:8",
                                      "The password is required.",
                                      "password=%DB_PASSWORD%",
                                      "token: string;"}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
}

TEST(Secrets, HashesIdsAndCodeAreNone) {
  for (const std::string_view text :
       {"sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 3f2a9c4e8b7d6f5a1c0e9d8b7a6f5e4d3c2b1a09", "id: 550e8400-e29b-41d4-a716-446655440000",
        "token_count: 1234567890123456", "public_key = \"f83KdLq02mXzP6vR9wYt\"",
        "cache_key = \"f83KdLq02mXzP6vR9wYt\"", "max_tokens=4096", "monkey: f83KdLq02mXzP6vR9wYt",
        "password_hash = \"f83KdLq02mXzP6vR9wYt\"", "risk-averse task-oriented desk-based",
        "the key is to listen, the secret is patience",
        "\"integrity\": \"sha512-9fKqLw3xZq8vLm2TkW93xq7zf83KdLq02mXzP6vR9wYt==\"",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "if (token == kEndOfFile12345678) {"}) {
    EXPECT_THAT(found(text), IsEmpty()) << text;
  }
}

TEST(Secrets, OverlappingFindingsAreOneByTheMostSpecificName) {
  const std::string token = SecretForm("glpat-{w20}").sample(Numbers(3));
  EXPECT_THAT(found("GITLAB_TOKEN=" + token), ElementsAre("GITLAB_PERSONAL_ACCESS_TOKEN " + token));
  EXPECT_THAT(found("Authorization: Bearer " + token), ElementsAre("GITLAB_PERSONAL_ACCESS_TOKEN " + token));
  EXPECT_THAT(found("https://oauth2:" + token + "@gitlab.com/a.git"),
              ElementsAre("GITLAB_PERSONAL_ACCESS_TOKEN " + token));
}

TEST(Secrets, PartsOfLongerWordsAreNone) {
  const std::string token = SecretForm("ghp_{w36}").sample(Numbers(4));
  EXPECT_THAT(found("x" + token), IsEmpty());
  EXPECT_THAT(found(token + "q"), IsEmpty());
  EXPECT_EQ(found("(" + token + ")").size(), 1U);
}

TEST(Secrets, ProseIsHeldBackByAWordOnly) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "The quick brown fox keeps a secret, and the token of its password is honesty. ";
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i) cuts.push_back(i);
  std::size_t held = 0;
  EXPECT_EQ(driver().pieces(text, cuts, driver().whole(text), 256, &held), "");
  EXPECT_LE(held, 12U);
}

TEST(Secrets, HostileTextIsBounded) {
  for (const std::string_view piece :
       {"A", "sk-", "token=", "eyJ", "-----BEGIN PRIVATE KEY-----", "://", "a://b:", "=sk-", "password=\"", "Bearer ",
        "AKIA", "xoxb-1", " --token ", "://a:@", "ghp_a "}) {
    std::string text;
    while (text.size() < 60'000) text += piece;
    driver().whole(text);
  }
}

}  // namespace
}  // namespace gatehouse::guard
