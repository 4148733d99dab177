// Value lists of @faker-js/faker (MIT) as one JSON object on standard output: locale -> given names, surnames, cities,
// streets, ... Lists are given whole where the package has them; what it only composes (streets, companies) is drawn with
// a fixed seed, so the output depends on the locked version alone.
import { Faker, allLocales } from '@faker-js/faker';

const locales = process.argv.slice(2);

function drawn(count, draw) {
  const values = new Set();
  for (let i = 0; i < count; i += 1) {
    try {
      values.add(draw());
    } catch {
      return [];  // the locale has no such list
    }
  }
  return [...values];
}

function list(definition, key) {
  const value = definition?.[key];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

const out = {};
for (const code of locales) {
  const locale = allLocales[code];
  if (locale === undefined) throw new Error(`faker has no locale ${code}`);
  const parent = allLocales[code.split('_')[0]];
  const faker = new Faker({
    locale: [locale, ...(parent && parent !== locale ? [parent] : []), allLocales.base],
    seed: 20240501,
  });
  const person = locale.person ?? {};
  const location = locale.location ?? {};
  const cities = list(location, 'city_name');
  const companies = drawn(400, () => faker.company.name());
  out[code] = {
    given_m: list(person.first_name, 'male'),
    given_f: list(person.first_name, 'female'),
    given: list(person.first_name, 'generic'),
    surname_m: list(person.last_name, 'male'),
    surname_f: list(person.last_name, 'female'),
    surname: list(person.last_name, 'generic'),
    cities: cities.length >= 15 ? cities : [...cities, ...drawn(300, () => faker.location.city())],
    streets: drawn(900, () => faker.location.street()),
    numbers: drawn(60, () => faker.location.buildingNumber()),
    units: drawn(40, () => faker.location.secondaryAddress()),
    zips: drawn(300, () => faker.location.zipCode()),
    states: list(location, 'state'),
    state_abbr: list(location, 'state_abbr'),
    countries: list(location, 'country'),
    companies: companies,
    jobs: drawn(150, () => faker.person.jobTitle()),
  };
}
process.stdout.write(JSON.stringify(out));
