"""The passwords that are tried first, in English and Spanish, of eight characters and more."""

COMMON_PASSWORDS = frozenset(
    """
    00000000 000000000 0000000000 01234567 012345678 0123456789 0987654321 10203040 11111111
    111111111 1111111111 11112222 11223344 1122334455 12121212 12312312 123123123 1231231234
    12341234 12344321 12345678 123456789 1234567890 12345678910 123456789a 1234567a 12345679
    1234abcd 1234qwer 123654789 123698745 123qweasd 13131313 147258369 147852369 159357456
    159753456 18436572 19841984 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20202020
    21212121 22222222 23232323 25802580 31415926 33333333 44444444 55555555 66666666 69696969
    741852963 77777777 78945612 789456123 87654321 88888888 963852741 987654321 9876543210
    98765432 99999999 a1234567 a12345678 a123456789 a1b2c3d4 aa123456 aaaaaaaa abc12345
    abc123456 abc123abc abcd1234 abcdabcd abcdefgh abcdefghi administrador administrator
    admin123 admin1234 admin12345 admin123456 adminadmin alejandra alejandro alexander america1
    andrea123 angelica arsenal1 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfghjklñ
    asdfqwer babygirl barcelona barcelona1 baseball baseball1 basketball beatriz1 benjamin
    blink182 bonjour1 butterfly caballero cambiame camiseta carolina carlos123 champion
    changeme changeme1 charlie1 chelsea1 chivas123 chocolate chocolate1 christian christopher
    cleopatra computer computer1 contrasena contrasena1 contrasena123 contraseña contraseña1
    contraseña123 corazon1 courtney cristian cristiano danielle default1 defaultpassword
    dragon123 dragonball eduardo1 elephant elizabeth esmeralda espana123 españa123 esperanza
    estrella estrellas facebook facebook1 felicidad fernanda fernando fernando1 firebird
    flamengo football football1 francisco franklin freedom1 friendship futbol123 gabriela
    gabriel1 garcia123 gobierno1 gonzalez goodluck guadalupe guitarra hamster1 heather1
    hello123 hellohello hernandez hola1234 hola12345 holahola hotmail1 iloveyou iloveyou1
    iloveyou2 internet internet1 invitado isabella jennifer jessica1 jonathan jordan23
    josefina juventus kristina lasvegas leonardo letmein1 letmein123 liverpool liverpool1
    lopez123 madrid123 mallorca manchester margarita mariposa mariposas mariposa1 martinez
    maverick maximiliano mercedes metallica michael1 michelle microsoft mierda123 minecraft
    monkey123 mustang1 my_password mypassword nicholas nicolas1 ninguna1 nothing1 october1
    p@ssw0rd p@ssword pa$$w0rd pa55word pa55w0rd paloma123 passw0rd passw0rd1 passwort
    password password! password1 password1! password12 password123 password1234 password2
    password3 passwordpassword patricia pendejo1 perez123 personal picasso1 pokemon1 pokemon123
    porsche911 princesa princesa1 princess princess1 q1w2e3r4 q1w2e3r4t5 qazwsx123 qazwsxedc
    querty123 qwer1234 qwerasdf qwerqwer qwert123 qwerty12 qwerty123 qwerty1234 qwerty12345
    qwertyqwerty qwertyui qwertyuiop qwertyuiopñ realmadrid realmadrid1 rainbow1 rebecca1
    rockstar rodriguez root1234 rootroot samantha samsung1 sanchez1 santiago sebastian
    secret123 secreto1 security seguridad servidor shadow12 slipknot snowball soccer123
    software spiderman starwars starwars1 stephanie steven123 sunflower sunshine sunshine1
    superman superman1 superuser swordfish te_quiero tequiero tequiero1 tequieromucho teamomucho
    teamo123 tekieromucho telefono temporal temporal1 test1234 testtest thankyou thunder1
    tinkerbell toor1234 trinidad trustno1 unknown1 usuario1 usuario123 valencia valentina
    vanessa1 veronica victoria victoria1 welcome1 welcome123 welcome! whatever whatever1
    wordpass yugioh123 zaq12wsx zaq1zaq1 zaragoza zxcvbnm1 zxcvbnm123 zxcvzxcv
    """.split()
)
