#!/usr/bin/env python3
"""Sentences with names of people as several countries have them, as rows with spans; as they are written and in lower
case. The same every time.

    name_rows.py [COUNT] > ROWS        # COUNT sentences of each (default 200)
"""
import json
import random
import sys

NAMES = {
    'german': (
        'Jürgen Annegret Wolfgang Uwe Heike Torsten Birgit Detlef Ute Holger Sabine Bernd Gisela Kerstin Manfred Silke '
        'Rüdiger Anke Henning Frauke',
        'Schulze Hoffmeister Krause Lindner Baumgärtner Vogelsang Petersen Kühn Ostermann Reinhardt Brandt Jahnke '
        'Hartwig Seifert Wiegand Köhler Dittmann Ebert Langner Thiele'),
    'spanish': (
        'Begoña Iñaki Rocío Álvaro Montserrat Jordi Nuria Gonzalo Maribel Ramiro Consuelo Fermín Lourdes Eusebio Pilar '
        'Ximena Baltasar Soledad Joaquín Araceli',
        'Echeverría Ibáñez Peñalver Quintana Zamora Villalobos Arriaga Cabrera Montoya Ugarte Valdivia Benítez Otero '
        'Lozano Pizarro Sepúlveda Galindo Rentería Campos Noguera'),
    'french': (
        'Thibault Mireille Guillaume Solène Aurélien Bérengère Gaëtan Odile Rémi Capucine Yannick Ghislaine Loïc Delphine '
        'Maxence Clotilde Etienne Noémie Bastien Perrine',
        'Lefebvre Deschamps Boulanger Chevallier Marchand Perrault Delacroix Fontaine Vasseur Beaumont Garnier Tessier '
        'Rousselet Carpentier Maillard Poulain Lacombe Guérin Bourdon Jacquet'),
    'indian': (
        'Aishwarya Venkatesh Lakshmi Rajeev Sunita Harpreet Anjali Siddharth Meenakshi Arvind Kavya Balakrishnan Pooja '
        'Gurmeet Nandini Prakash Shalini Vikram Deepika Ramanathan',
        'Iyer Chakraborty Mukherjee Subramaniam Deshpande Agarwal Bhattacharya Nair Reddy Kulkarni Gill Srinivasan '
        'Trivedi Joshi Menon Pillai Choudhury Malhotra Banerjee Thakur'),
    'chinese': (
        'Xiaoming Weilin Yuxuan Zhihao Meiling Jianguo Haoran Xinyi Guoqiang Ruolan Tianyu Liping Shaohua Yingying Dongmei '
        'Zixuan Junfeng Huifang Minghua Qiaolian',
        'Zhang Huang Xu Zhao Zhou Ouyang Deng Xie Tang Cai Peng Jiang Qian Yuan Lu Fang Shen Gao Luo Zheng'),
    'arabic': (
        'Abdulrahman Fatima Khalid Noura Yousef Maryam Mohannad Hessa Tariq Layla Ibrahim Salma Mustafa Zainab Hamad Rania '
        'Bilal Amina Faisal Dalal',
        'Al-Ghamdi Haddad Al-Rashid Mansour El-Sayed Khoury Al-Otaibi Nasser Bensalem Qasim Al-Harbi Saadi Hariri '
        'Benchekroun Suleiman Al-Jaber Farouk Darwish Zidane Al-Mutairi'),
}
SENTENCES = (
    'Please forward the contract to {} before Friday.', 'My name is {} and I have not received my parcel.',
    'I spoke to {} about the invoice yesterday.', '{} will join the meeting by phone.',
    'Can you check whether {} has signed already?', 'The patient, {}, was admitted on Monday.',
    'Write a reference letter for {}, who worked in our team.', 'Thanks, {}', 'Is {} still the owner of the flat?',
    'According to {}, the figures were wrong.', 'Book a table for two under {}.', 'Tell {} that the keys are with the porter.',
    'Our new colleague {} starts next week.', '{} called again and wants the money back.', 'I am writing on behalf of {}.')


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    chance = random.Random(7)
    for country, (first, last) in NAMES.items():
        first, last = first.split(), last.split()
        for _ in range(count):
            name = f'{chance.choice(first)} {chance.choice(last)}'
            before, after = chance.choice(SENTENCES).split('{}')
            text = before + name + after
            spans = [{'type': 'PERSON', 'start': len(before), 'end': len(before) + len(name)}]
            print(json.dumps({'text': text, 'spans': spans, 'source': country}, ensure_ascii=False))
            print(json.dumps({'text': text.lower(), 'spans': spans, 'source': country + ', lower case'}, ensure_ascii=False))


main()
